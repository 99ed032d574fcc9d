-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now, $5 lines in all, $6 lines in a part, $7 random → rc
select * from khop.job_checked($1::int4, $2::int8, $3::int8, $4::timestamptz, $5::int4, $6::int4, $7::int8)
