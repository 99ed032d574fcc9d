-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 hash of the key, $4 hash of the request, $5 random, $6 round or NULL, $7 account, $8 name, $9 month, $10 due on,
-- $11 items
-- (JSON), $12 classes or NULL, $13 version or NULL, $14 visitor → rc, doc, what
select * from khop.round_save(khop.visit($1::bytea, $14::text), $2::timestamptz, $3::bytea, $4::bytea, $5::int8, $6::int8, $7::int8,
    $8::text, $9::date, $10::date,
    $11::text, $12::text[], $13::text)
