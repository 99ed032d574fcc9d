-- retry: no
-- role: serve
-- $1 token, $2 now, $3 org_id, $4 role, $5 required, $6 hash, $7 req → rc, next
select * from khop.session_switch($1::bytea, $2::timestamptz, $3::int8, $4::text, $5::bool, $6::bytea, $7::text)
