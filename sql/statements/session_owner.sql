-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 visitor → rc, user_id, login, totp, live
select * from khop.session_owner(khop.visit($1::bytea, $3::text), $2::timestamptz)
