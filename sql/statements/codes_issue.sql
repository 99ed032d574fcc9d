-- retry: yes
-- role: serve
-- many: 64
-- of each: $1 token, $2 now, $3 hash of the key, $4 hash of the request, $5 random, $6 pay token, $7 account, $8 kind, $9 code, $10 amount, $11 label,
-- $12 payer_ref, $13 payer_name, $14 payer's class, $15 due_on, $16 expires_at → khop.code_row; none: not by this way, ask code_issue
select * from khop.codes_issue(
    $1::bytea[], $2::timestamptz[], $3::bytea[], $4::bytea[], $5::int8[], $6::bytea[], $7::int8[], $8::text[], $9::int4[], $10::int8[], $11::text[],
    $12::text[], $13::text[], $14::text[], $15::date[], $16::timestamptz[])
