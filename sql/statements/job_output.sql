-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now, $5 place of the first byte, $6 bytes → rc
select * from khop.job_output($1::int4, $2::int8, $3::int8, $4::timestamptz, $5::int8, $6::bytea)
