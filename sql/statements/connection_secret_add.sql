-- retry: no
-- role: serve
-- $1 token, $2 now, $3 random, $4 connection, $5 sealed secret, $6 visitor → rc, secret_id
select * from khop.connection_secret_add(khop.visit($1::bytea, $6::text), $2::timestamptz, $3::int8, $4::int8, $5::bytea)
