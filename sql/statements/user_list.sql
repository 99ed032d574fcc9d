-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 after, $4 after_id, $5 limit, $6 visitor → rc, user_id, login, name, roles, disabled, signed_in_at, totp, elsewhere
select * from khop.user_list(khop.visit($1::bytea, $6::text), $2::timestamptz, $3::text, $4::int8, $5::int4)
