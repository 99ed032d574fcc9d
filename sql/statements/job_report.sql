-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now, $5 name, $6 after_a, $7 after_b, $8 limit → a khop.report_line a row
select * from khop.job_report($1::int4, $2::int8, $3::int8, $4::timestamptz, $5::text, $6::int8, $7::int8, $8::int4)
