-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now, $5 stage or NULL, $6 done, $7 total or NULL → rc
select * from khop.job_touch($1::int4, $2::int8, $3::int8, $4::timestamptz, $5::text, $6::int4, $7::int4)
