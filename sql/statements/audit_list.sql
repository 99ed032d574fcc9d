-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 before, $4 action, $5 limit, $6 visitor → rc, seq, at, actor, actor_name, session8, ip, req, action, object,
-- result, detail, hash
select * from khop.audit_list(khop.visit($1::bytea, $6::text), $2::timestamptz, $3::int8, $4::text, $5::int4)
