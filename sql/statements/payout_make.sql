-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now, $5 random → rc, doc
select * from khop.payout_make($1::int4, $2::int8, $3::int8, $4::timestamptz, $5::int8)
