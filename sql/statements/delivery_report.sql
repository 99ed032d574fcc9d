-- retry: no
-- role: jobs
-- $1 bucket, $2 webhook, $3 type, $4 event, $5 worker, $6 now, $7 status, $8 error, $9 milliseconds, $10 jitter (0 … 1,000,000) → rc, ended
select * from khop.delivery_report($1::int4, $2::int8, $3::int2, $4::int8, $5::int8, $6::timestamptz, $7::int4, $8::text, $9::int4, $10::int4)
