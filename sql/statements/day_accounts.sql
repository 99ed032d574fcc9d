-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 day, $4 most accounts, $5 visitor → rc, doc
select * from khop.day_accounts(khop.visit($1::bytea, $5::text), $2::timestamptz, $3::date, $4::int4)
