-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now, $5 file, $6 repeated, $7 linked, $8 healed → rc, doc
select * from khop.statement_review($1::int4, $2::int8, $3::int8, $4::timestamptz, $5::int8, $6::bool, $7::int4, $8::int4)
