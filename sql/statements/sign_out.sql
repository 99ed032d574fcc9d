-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 req, $4 visitor → rc
select * from khop.sign_out(khop.visit($1::bytea, $4::text), $2::timestamptz, $3::text)
