-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 codes, $4 visitor → rc, code_no, charge_id, rest, due_on, label, payer_id, payer_name, payer_class, direction
select * from khop.exception_codes(khop.visit($1::bytea, $4::text), $2::timestamptz, $3::int4[])
