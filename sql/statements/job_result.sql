-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 job, $4 place of the first byte → rc, name, type, size, bytes
select * from khop.job_result($1::bytea, $2::timestamptz, $3::int8, $4::int8)
