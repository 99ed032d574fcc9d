-- retry: no
-- role: serve
-- $1 token, $2 now, $3 sealed, $4 step, $5 codes, $6 hash, $7 req, $8 visitor → rc
select * from khop.factor_set(khop.visit($1::bytea, $8::text), $2::timestamptz, $3::bytea, $4::int8, $5::bytea[], $6::bytea, $7::text)
