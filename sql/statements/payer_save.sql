-- retry: no
-- role: serve
-- $1 token, $2 now, $3 random, $4 payer or NULL, $5 version or NULL, $6 data, $7 visitor → rc, doc, what
select * from khop.payer_save(khop.visit($1::bytea, $7::text), $2::timestamptz, $3::int8, $4::int8, $5::text, $6::text)
