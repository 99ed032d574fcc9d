-- retry: yes
-- role: jobs
-- $1 now, $2 worker → bucket, job_id, org_id, kind, format, size, total or NULL, part
select * from khop.job_claim($1::timestamptz, $2::int8)
