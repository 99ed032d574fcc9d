-- retry: yes
-- role: serve, jobs
-- $1 token, $2 now, $3 hash of the key, $4 hash of the request, $5 random, $6 pay token, $7 account, $8 kind, $9 codes, $10 amount,
-- $11 label, $12 payer_ref, $13 payer_name, $14 payee_bin, $15 payee_account_no, $16 payee_name, $17 due_on, $18 expires_at,
-- $19 payer's class; of the bill's lines $20 labels, $21 amounts; $22 whether credit is used, $23 visitor → khop.code_row
select * from khop.code_issue(
    khop.visit($1::bytea, $23::text), $2::timestamptz, $3::bytea, $4::bytea, $5::int8, $6::bytea, $7::int8, $8::text, $9::int4[],
    $10::int8, $11::text,
    $12::text, $13::text, $14::text, $15::text, $16::text, $17::date, $18::timestamptz, $19::text, $20::text[], $21::int8[], $22::bool)
