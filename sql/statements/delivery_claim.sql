-- retry: no
-- role: jobs
-- $1 now, $2 worker, $3 limit → bucket, webhook, type, event, time, charge, code, amount, year, no, reason, replayed, url, sealed, sealed before
select * from khop.delivery_claim($1::timestamptz, $2::int8, $3::int4)
