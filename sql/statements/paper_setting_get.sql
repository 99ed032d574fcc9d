-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 visitor → rc, budget_code, address, form, circular, collector, hotline, changed_at
select * from khop.paper_setting_get(khop.visit($1::bytea, $3::text), $2::timestamptz)
