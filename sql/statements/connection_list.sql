-- retry: yes
-- role: serve
-- $1 token, $2 after, $3 limit
--, $4 visitor → rc, connection_id, hook, account_id, provider, mode, role, active, created_at, secrets
select * from khop.connection_list(khop.visit($1::bytea, $4::text), $2::int8, $3::int4)
