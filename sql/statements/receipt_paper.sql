-- retry: yes
-- role: serve
-- $1 bucket, $2 rid, $3 now, $4 random → rc, job_id, state, key
select * from khop.receipt_paper($1::int4, $2::bytea, $3::timestamptz, $4::int8)
