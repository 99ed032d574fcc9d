-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 req → rc
select * from khop.sign_out($1::bytea, $2::timestamptz, $3::text)
