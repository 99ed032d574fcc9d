-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now → rc, first
select * from khop.job_parts($1::int4, $2::int8, $3::int8, $4::timestamptz)
