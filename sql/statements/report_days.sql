-- retry: yes
-- role: serve, jobs
-- $1 token, $2 now, $3 from, $4 to (days) → rc, day, account, direction, n, amount, settled_n, settled_amount
select * from khop.report_days($1::bytea, $2::timestamptz, $3::date, $4::date)
