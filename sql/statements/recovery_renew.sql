-- retry: no
-- role: serve
-- $1 token, $2 now, $3 codes, $4 req → rc
select * from khop.recovery_renew($1::bytea, $2::timestamptz, $3::bytea[], $4::text)
