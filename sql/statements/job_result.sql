-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 job, $4 place of the first byte, $5 visitor → rc, name, type, size, bytes
select * from khop.job_result(khop.visit($1::bytea, $5::text), $2::timestamptz, $3::int8, $4::int8)
