-- retry: no
-- role: serve
-- $1 token, $2 now, $3 random, $4 url, $5 types, $6 sealed secret → rc, webhook_id
select * from khop.webhook_create($1::bytea, $2::timestamptz, $3::int8, $4::text, $5::text[], $6::bytea)
