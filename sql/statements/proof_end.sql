-- retry: no
-- role: serve
-- $1 token, $2 now, $3 step, $4 recovery, $5 password, $6 hash, $7 req → rc, recovery_left
select * from khop.proof_end($1::bytea, $2::timestamptz, $3::int8, $4::bytea, $5::bool, $6::bytea, $7::text)
