-- retry: no
-- role: serve
-- $1 token, $2 now, $3 random, $4 url, $5 types, $6 sealed secret, $7 visitor → rc, webhook_id
select * from khop.webhook_create(khop.visit($1::bytea, $7::text), $2::timestamptz, $3::int8, $4::text, $5::text[], $6::bytea)
