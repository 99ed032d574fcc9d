-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 connection, $4 secret → rc
select * from khop.connection_secret_end($1::bytea, $2::timestamptz, $3::int8, $4::int8)
