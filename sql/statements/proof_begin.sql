-- retry: no
-- role: serve
-- $1 token, $2 now → rc, wait_s, stage, user_id, totp_sealed, totp_step, password, pepper
select * from khop.proof_begin($1::bytea, $2::timestamptz)
