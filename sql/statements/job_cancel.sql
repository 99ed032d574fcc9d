-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 job, $4 visitor → khop.job_row
select * from khop.job_cancel(khop.visit($1::bytea, $4::text), $2::timestamptz, $3::int8)
