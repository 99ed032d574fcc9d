-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 required, $4 visitor → rc, stage, user_id, login, name, totp, needs_factor, recovery_left, role, org_name, fresh
select * from khop.session_self(khop.visit($1::bytea, $4::text), $2::timestamptz, $3::bool)
