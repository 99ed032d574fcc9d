-- retry: yes
-- role: serve
-- $1 token, $2 after, $3 limit, $4 visitor → rc, account_id, bin, account_no, holder, ledger_no, created_at
select * from khop.account_list(khop.visit($1::bytea, $4::text), $2::int8, $3::int4)
