-- retry: no
-- role: serve
-- $1 token, $2 now, $3 random, $4 hook, $5 account, $6 provider, $7 mode, $8 sealed secret, $9 random of the secret
--, $10 visitor → rc, connection_id, hook, role, created_at
select * from khop.connection_create(khop.visit($1::bytea, $10::text), $2::timestamptz, $3::int8, $4::bytea, $5::int8, $6::int2,
    $7::int2, $8::bytea, $9::int8)
