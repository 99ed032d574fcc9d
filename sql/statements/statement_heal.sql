-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now, $5 file, $6 after place, $7 seen, $8 addresses of receipts → rc, healed, place (NULL: all), seen
select * from khop.statement_heal($1::int4, $2::int8, $3::int8, $4::timestamptz, $5::int8, $6::int4, $7::int8, $8::bytea[])
