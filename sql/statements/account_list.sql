-- retry: yes
-- role: serve
-- $1 token, $2 after, $3 limit → rc, account_id, bin, account_no, holder, ledger_no, created_at
select * from khop.account_list($1::bytea, $2::int8, $3::int4)
