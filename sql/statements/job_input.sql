-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now, $5 place of the first byte, $6 pieces at most → rc, bytes
select * from khop.job_input($1::int4, $2::int8, $3::int8, $4::timestamptz, $5::int4, $6::int4)
