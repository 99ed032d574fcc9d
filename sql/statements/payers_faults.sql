-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now, $5 limit → rc, line, fault, count
select * from khop.payers_faults($1::int4, $2::int8, $3::int8, $4::timestamptz, $5::int4)
