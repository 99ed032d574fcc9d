-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now, $5 file → rc, linked, open, seen
select * from khop.statement_match($1::int4, $2::int8, $3::int8, $4::timestamptz, $5::int8)
