-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 random, $4 bin, $5 account_no, $6 holder, $7 visitor → rc, account_id, bin, account_no, holder, ledger_no,
-- created_at
select * from khop.account_create(khop.visit($1::bytea, $7::text), $2::timestamptz, $3::int8, $4::text, $5::text, $6::text)
