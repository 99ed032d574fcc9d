-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now → rc, name, place, bin, account_no, holder, code_no, size
select * from khop.job_poster($1::int4, $2::int8, $3::int8, $4::timestamptz)
