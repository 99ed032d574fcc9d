-- retry: yes
-- role: jobs
-- $1 now, $2 worker, $3 urgent ones only → bucket, job_id, org_id, kind, format, size, total or NULL, part, params, takes, confirmed
select * from khop.job_claim($1::timestamptz, $2::int8, $3::bool)
