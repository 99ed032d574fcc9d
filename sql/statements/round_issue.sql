-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now, $5 seed, $6 codes, $7 pay tokens → rc, done, total
select * from khop.round_issue($1::int4, $2::int8, $3::int8, $4::timestamptz, $5::int8, $6::int4[], $7::bytea[])
