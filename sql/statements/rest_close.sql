-- retry: no
-- role: jobs
-- $1 now, $2 bucket and $3 exception behind which to go on, $4 rows → looked, closed, bucket, exception_id
select * from khop.rest_close($1::timestamptz, $2::int4, $3::int8, $4::int4)
