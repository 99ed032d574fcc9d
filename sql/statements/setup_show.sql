-- retry: yes
-- role: serve
-- $1 now, $2 hash → rc, org_id, name
select * from khop.setup_show($1::timestamptz, $2::bytea)
