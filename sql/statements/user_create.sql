-- retry: no
-- role: owner
-- $1 now, $2 random, $3 login, $4 name, $5 password, $6 pepper, $7 org_id, $8 role → user_id, made
select * from khop.user_create($1::timestamptz, $2::int8, $3::text, $4::text, $5::text, $6::int2, $7::int8, $8::text)
