-- retry: yes
-- role: serve
-- $1 hash, $2 now → rc, purpose, login, name, role, org_name, org_code, known, needs_factor
select * from khop.invitation_show($1::bytea, $2::timestamptz)
