-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 exception → see the function
select * from khop.exception_show($1::bytea, $2::timestamptz, $3::int8)
