-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 connection_id
-- → rc, connection_id, hook, account_id, provider, mode, role, active, created_at, secret_id, secret_created_at
select * from khop.connection_show($1::bytea, $2::timestamptz, $3::int8)
