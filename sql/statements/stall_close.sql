-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 stall, $4 visitor → rc
select * from khop.stall_close(khop.visit($1::bytea, $4::text), $2::timestamptz, $3::int8)
