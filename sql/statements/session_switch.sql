-- retry: no
-- role: serve
-- $1 token, $2 now, $3 org_id, $4 role, $5 required, $6 hash, $7 req, $8 visitor → rc, next
select * from khop.session_switch(khop.visit($1::bytea, $8::text), $2::timestamptz, $3::int8, $4::text, $5::bool, $6::bytea, $7::text)
