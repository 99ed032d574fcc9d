-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 after, $4 after_id, $5 limit → rc, user_id, login, name, roles, disabled, signed_in_at, totp, elsewhere
select * from khop.user_list($1::bytea, $2::timestamptz, $3::text, $4::int8, $5::int4)
