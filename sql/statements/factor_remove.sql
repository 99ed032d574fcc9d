-- retry: no
-- role: serve
-- $1 token, $2 now, $3 required, $4 hash, $5 req → rc
select * from khop.factor_remove($1::bytea, $2::timestamptz, $3::bool, $4::bytea, $5::text)
