-- retry: yes
-- role: serve
-- $1 token, $2 now → rc, invitation_id, purpose, login, name, role, created_at, created_by, expires_at
select * from khop.invitation_list($1::bytea, $2::timestamptz)
