-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 job → khop.job_row
select * from khop.job_confirm($1::bytea, $2::timestamptz, $3::int8)
