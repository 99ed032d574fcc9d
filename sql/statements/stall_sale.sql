-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 stall, $4 key hash, $5 request hash, $6 random, $7 pay token, $8 codes, $9 amount, $10 expires, $11 visitor →
-- code_row
select * from khop.stall_sale(khop.visit($1::bytea, $11::text), $2::timestamptz, $3::int8, $4::bytea, $5::bytea, $6::int8, $7::bytea,
    $8::int4[], $9::int8, $10::timestamptz)
