-- retry: no
-- role: serve
-- $1 token, $2 now, $3 exception, $4 action, $5 charges, $6 amounts, $7 payer, $8 credit, $9 amount, $10 reason, $11 random, $12 rids;
-- payee $13 bin, $14 account_no, $15 name → rc, why
select * from khop.exception_resolve($1::bytea, $2::timestamptz, $3::int8, $4::text, $5::int8[], $6::int8[], $7::int8, $8::int8, $9::int8, $10::text, $11::int8,
    $12::bytea[], $13::text, $14::text, $15::text)
