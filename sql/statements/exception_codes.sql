-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 codes → rc, code_no, charge_id, rest, due_on, label, payer_id, payer_name, payer_class, direction
select * from khop.exception_codes($1::bytea, $2::timestamptz, $3::int4[])
