-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now, $5 hash of the file → rc, account_id, account_no, bin, file_id (known)
select * from khop.statement_begin($1::int4, $2::int8, $3::int8, $4::timestamptz, $5::bytea)
