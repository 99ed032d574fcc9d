-- retry: yes
-- role: serve
-- $1 token, $2 state, $3 after time, $4 after id, $5 limit → rc, exception_id, reason, state, direction, held, amount,
-- account_id, charge_id, code_no, ext_id, provider, memo, opened_at, seq
select * from khop.exception_list($1::bytea, $2::text, $3::timestamptz, $4::int8, $5::int4)
