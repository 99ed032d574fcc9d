-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 visitor → rc, user_id, login, name, org_id, org_name, org_kind, role, scopes, current, fresh, totp, expires_at
select * from khop.session_show(khop.visit($1::bytea, $3::text), $2::timestamptz)
