-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 visitor → rc, session_id, current, org_name, role, ip, agent, created_at, seen_at
select * from khop.session_list(khop.visit($1::bytea, $3::text), $2::timestamptz)
