-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now → rc, doc
select * from khop.round_amounts_review($1::int4, $2::int8, $3::int8, $4::timestamptz)
