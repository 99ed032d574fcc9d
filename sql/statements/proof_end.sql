-- retry: no
-- role: serve
-- $1 token, $2 now, $3 step, $4 recovery, $5 password, $6 hash, $7 req, $8 visitor → rc, recovery_left
select * from khop.proof_end(khop.visit($1::bytea, $8::text), $2::timestamptz, $3::int8, $4::bytea, $5::bool, $6::bytea, $7::text)
