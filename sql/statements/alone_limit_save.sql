-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 amount, $4 visitor → rc
select * from khop.alone_limit_save(khop.visit($1::bytea, $4::text), $2::timestamptz, $3::int8)
