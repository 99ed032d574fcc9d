-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 required → rc, stage, user_id, login, name, totp, needs_factor, recovery_left, role, org_name, fresh
select * from khop.session_self($1::bytea, $2::timestamptz, $3::bool)
