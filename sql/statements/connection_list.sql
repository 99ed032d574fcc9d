-- retry: yes
-- role: serve
-- $1 token, $2 after, $3 limit
-- → rc, connection_id, hook, account_id, provider, mode, role, active, created_at, secrets
select * from khop.connection_list($1::bytea, $2::int8, $3::int4)
