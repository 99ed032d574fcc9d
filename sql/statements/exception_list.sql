-- retry: yes
-- role: serve
-- $1 token, $2 state, $3 reason, $4 account, $5 after time, $6 after id, $7 limit, $8 visitor → rc, exception_id, reason, state,
-- direction, held, amount,
-- account_id, charge_id, code_no, ext_id, provider, memo, opened_at, seq
select * from khop.exception_list(khop.visit($1::bytea, $8::text), $2::text, $3::text, $4::int8, $5::timestamptz, $6::int8, $7::int4)
