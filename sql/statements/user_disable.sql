-- retry: no
-- role: serve
-- $1 token, $2 now, $3 user_id, $4 disable, $5 req, $6 visitor → rc
select * from khop.user_disable(khop.visit($1::bytea, $6::text), $2::timestamptz, $3::int8, $4::bool, $5::text)
