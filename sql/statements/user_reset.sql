-- retry: no
-- role: serve
-- $1 token, $2 now, $3 random, $4 hash, $5 user_id, $6 req, $7 visitor → rc, login
select * from khop.user_reset(khop.visit($1::bytea, $7::text), $2::timestamptz, $3::int8, $4::bytea, $5::int8, $6::text)
