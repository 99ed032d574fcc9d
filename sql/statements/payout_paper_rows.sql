-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now, $5 after, $6 limit → rc, place, name, birth, amount, got, bin, account, holder, state, code, paid at, carried
select * from khop.payout_paper_rows($1::int4, $2::int8, $3::int8, $4::timestamptz, $5::int4, $6::int4)
