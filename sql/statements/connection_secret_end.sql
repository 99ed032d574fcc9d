-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 connection, $4 secret, $5 visitor → rc
select * from khop.connection_secret_end(khop.visit($1::bytea, $5::text), $2::timestamptz, $3::int8, $4::int8)
