-- retry: no
-- role: serve
-- $1 token, $2 now, $3 random, $4 hash, $5 login, $6 name, $7 role, $8 req, $9 visitor → rc, invitation_id, expires_at
select * from khop.invite(khop.visit($1::bytea, $9::text), $2::timestamptz, $3::int8, $4::bytea, $5::text, $6::text, $7::text, $8::text)
