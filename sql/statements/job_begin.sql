-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 kind → rc
select * from khop.job_begin($1::bytea, $2::timestamptz, $3::text)
