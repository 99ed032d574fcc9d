-- retry: yes
-- role: owner
-- $1 from, $2 to (days) → org_id, code, name, day, n_in, amount_in, n_out, amount_out, settled_n, settled_amount
select * from khop.report_organisations($1::date, $2::date)
