-- retry: no
-- role: serve
-- $1 now, $2 login, $3 device_user, $4 device → rc, wait_s, budget, user_id, password, pepper
select * from khop.sign_in_begin($1::timestamptz, $2::text, $3::int8, $4::bytea)
