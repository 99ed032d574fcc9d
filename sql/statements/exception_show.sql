-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 exception, $4 visitor → see the function
select * from khop.exception_show(khop.visit($1::bytea, $4::text), $2::timestamptz, $3::int8)
