-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now → rc, unit, name, due_on, bin, account_no, holder, class, state, format, payers, hotline
select * from khop.round_paper($1::int4, $2::int8, $3::int8, $4::timestamptz)
