-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 random, $4 place of the first byte, $5 bytes → rc
select * from khop.job_chunk($1::bytea, $2::timestamptz, $3::int8, $4::int4, $5::bytea)
