-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now, $5 state, $6 result, $7 reasons (JSON), $8 name, $9 type, $10 size of the file → rc
select * from khop.job_finish($1::int4, $2::int8, $3::int8, $4::timestamptz, $5::text, $6::text, $7::text, $8::text, $9::text, $10::int8)
