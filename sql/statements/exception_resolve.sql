-- retry: no
-- role: serve
-- $1 token, $2 now, $3 exception, $4 action, $5 charges or $6 codes, $7 amounts, $8 payer, $9 credit, $10 amount, $11 reason, $12 random,
-- $13 rids; payee $14 bin, $15 account_no, $16 name, $17 visitor → rc, why
select * from khop.exception_resolve(khop.visit($1::bytea, $17::text), $2::timestamptz, $3::int8, $4::text, $5::int8[], $6::int4[],
    $7::int8[], $8::int8, $9::int8, $10::int8, $11::text,
    $12::int8, $13::bytea[], $14::text, $15::text, $16::text)
