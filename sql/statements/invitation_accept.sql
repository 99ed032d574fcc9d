-- retry: no
-- role: serve
-- $1 hash, $2 now, $3 token, $4 random, $5 password, $6 pepper, $7 session_hash, $8 session_random, $9 required, $10 ip, $11 agent, $12 req → rc, next
select * from khop.invitation_accept($1::bytea, $2::timestamptz, $3::bytea, $4::int8, $5::text, $6::int2, $7::bytea, $8::int8, $9::bool, $10::text, $11::text,
    $12::text)
