-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 hash of the key, $4 of the request, $5 random, $6 account, $7 name, $8 month, $9 pay by, $10 carry over, $11
-- lines (JSON)
--, $12 visitor → rc, doc, repeated
select * from khop.payout_create(khop.visit($1::bytea, $12::text), $2::timestamptz, $3::bytea, $4::bytea, $5::int8, $6::int8, $7::text,
    $8::date, $9::date, $10::bool, $11::text)
