-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now → rc, unit, budget_code, from_day, day, closed, version, closed_by, approved_by, closed_at, seal, sheet
select * from khop.job_day($1::int4, $2::int8, $3::int8, $4::timestamptz)
