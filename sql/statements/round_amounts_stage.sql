-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now, $5 lines, $6 data → rc
select * from khop.round_amounts_stage($1::int4, $2::int8, $3::int8, $4::timestamptz, $5::int4[], $6::text[])
