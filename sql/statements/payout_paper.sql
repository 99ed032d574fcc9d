-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now → rc, unit, name, month, pay by, state of the list, bin, account, holder, lines, issued; state, format, layout
select * from khop.payout_paper($1::int4, $2::int8, $3::int8, $4::timestamptz)
