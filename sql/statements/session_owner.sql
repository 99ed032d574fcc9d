-- retry: yes
-- role: serve
-- $1 token, $2 now → rc, user_id, login, totp, live
select * from khop.session_owner($1::bytea, $2::timestamptz)
