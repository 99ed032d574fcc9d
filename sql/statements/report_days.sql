-- retry: yes
-- role: serve, jobs
-- $1 token, $2 now, $3 from, $4 to (days), $5 visitor → rc, day, account, direction, n, amount, settled_n, settled_amount
select * from khop.report_days(khop.visit($1::bytea, $5::text), $2::timestamptz, $3::date, $4::date)
