-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 visitor → rc, invitation_id, purpose, login, name, role, created_at, created_by, expires_at
select * from khop.invitation_list(khop.visit($1::bytea, $3::text), $2::timestamptz)
