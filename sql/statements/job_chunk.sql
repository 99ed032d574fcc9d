-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 kind, $4 random, $5 place of the first byte, $6 bytes → rc
select * from khop.job_chunk($1::bytea, $2::timestamptz, $3::text, $4::int8, $5::int4, $6::bytea)
