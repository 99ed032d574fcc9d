-- retry: no
-- role: serve
-- $1 token, $2 now, $3 required, $4 hash, $5 req, $6 visitor → rc
select * from khop.factor_remove(khop.visit($1::bytea, $6::text), $2::timestamptz, $3::bool, $4::bytea, $5::text)
