-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 connection_id
--, $4 visitor → rc, connection_id, hook, account_id, provider, mode, role, active, created_at, secret_id, secret_created_at
select * from khop.connection_show(khop.visit($1::bytea, $4::text), $2::timestamptz, $3::int8)
