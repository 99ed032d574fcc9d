-- retry: no
-- role: serve
-- $1 token, $2 now, $3 account, $4 payer or $5 charge, $6 amount, $7 reason, $8 random; payee $9 bin, $10 account_no, $11 name, $12
-- visitor → rc, why, exception_id
select * from khop.refund_request(khop.visit($1::bytea, $12::text), $2::timestamptz, $3::int8, $4::int8, $5::int8, $6::int8, $7::text,
    $8::int8, $9::text, $10::text, $11::text)
