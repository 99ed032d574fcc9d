-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 kind, $4 random, $5 place of the first byte, $6 bytes, $7 visitor → rc
select * from khop.job_chunk(khop.visit($1::bytea, $7::text), $2::timestamptz, $3::text, $4::int8, $5::int4, $6::bytea)
