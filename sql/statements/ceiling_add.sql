-- retry: no
-- role: serve
-- $1 token, $2 now, $3 random, $4 kind, $5 amount, $6 decision, $7 valid from, $8 valid to or NULL, $9 visitor → rc, doc
select * from khop.ceiling_add(khop.visit($1::bytea, $9::text), $2::timestamptz, $3::int8, $4::text, $5::int8, $6::text, $7::date, $8::date)
