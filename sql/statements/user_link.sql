-- retry: no
-- role: owner
-- $1 now, $2 random, $3 hash, $4 org_id, $5 role, $6 login, $7 name → rc, expires_at
select * from khop.user_link($1::timestamptz, $2::int8, $3::bytea, $4::int8, $5::text, $6::text, $7::text)
