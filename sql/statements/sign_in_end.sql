-- retry: no
-- role: serve
-- $1 now, $2 user_id, $3 budget, $4 match, $5 password, $6 pepper, $7 hash, $8 random, $9 required, $10 ip, $11 agent, $12 req → rc, next, role
select * from khop.sign_in_end($1::timestamptz, $2::int8, $3::bytea, $4::bool, $5::text, $6::int2, $7::bytea, $8::int8, $9::bool, $10::text, $11::text, $12::text)
