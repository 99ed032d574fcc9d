-- retry: yes
-- role: serve, jobs
-- $1 token, $2 now, $3 label or null, $4 after label, $5 after charge, $6 limit
--, $7 visitor → rc, charge_id, code_no, kind, label, payer_ref, payer_name, due, paid, due_on, created_at
select * from khop.report_unpaid(khop.visit($1::bytea, $7::text), $2::timestamptz, $3::text, $4::text, $5::int8, $6::int4)
