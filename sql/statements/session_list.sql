-- retry: yes
-- role: serve
-- $1 token, $2 now → rc, session_id, current, org_name, role, ip, agent, created_at, seen_at
select * from khop.session_list($1::bytea, $2::timestamptz)
