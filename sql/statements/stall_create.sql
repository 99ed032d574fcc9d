-- retry: no
-- role: serve
-- $1 token, $2 now, $3 random, $4 account random, $5 charge random, $6 pay token, $7 codes, $8 name, $9 place, $10 bin, $11 account_no,
-- $12 holder, $13 visitor → stall_row
select * from khop.stall_create(khop.visit($1::bytea, $13::text), $2::timestamptz, $3::int8, $4::int8, $5::int8, $6::bytea, $7::int4[],
    $8::text, $9::text, $10::text,
    $11::text, $12::text)
