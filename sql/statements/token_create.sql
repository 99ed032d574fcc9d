-- retry: no
-- role: owner
-- $1 now, $2 random, $3 org, $4 hash of the token, $5 scopes, $6 name, $7 expires_at → token_id
select * from khop.token_create($1::timestamptz, $2::int8, $3::int8, $4::bytea, $5::int4, $6::text, $7::timestamptz)
