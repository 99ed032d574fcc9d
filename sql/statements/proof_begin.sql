-- retry: no
-- role: serve
-- $1 token, $2 now, $3 visitor → rc, wait_s, stage, user_id, totp_sealed, totp_step, password, pepper
select * from khop.proof_begin(khop.visit($1::bytea, $3::text), $2::timestamptz)
