-- retry: no
-- role: serve
-- $1 token, $2 now, $3 codes, $4 req, $5 visitor → rc
select * from khop.recovery_renew(khop.visit($1::bytea, $5::text), $2::timestamptz, $3::bytea[], $4::text)
