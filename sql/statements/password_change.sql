-- retry: no
-- role: serve
-- $1 token, $2 now, $3 match, $4 password, $5 pepper, $6 hash, $7 req, $8 visitor → rc, ended
select * from khop.password_change(khop.visit($1::bytea, $8::text), $2::timestamptz, $3::bool, $4::text, $5::int2, $6::bytea, $7::text)
