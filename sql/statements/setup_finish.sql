-- retry: no
-- role: serve
-- $1 now, $2 setup, $3 random, $4 login, $5 name, $6 password, $7 pepper, $8 org_id, $9 org_random, $10 org_name, $11 kind, $12 code, $13 buckets, $14 hash,
-- $15 session_random, $16 required, $17 ip, $18 agent, $19 req → rc, next
select * from khop.setup_finish($1::timestamptz, $2::bytea, $3::int8, $4::text, $5::text, $6::text, $7::int2, $8::int8, $9::int8, $10::text, $11::text,
    $12::text, $13::int4, $14::bytea, $15::int8, $16::bool, $17::text, $18::text, $19::text)
