-- retry: yes
-- role: serve
-- $1 token, $2 now → rc, budget_code, address, form, circular, collector, hotline, changed_at
select * from khop.paper_setting_get($1::bytea, $2::timestamptz)
