-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 stall, $4 owner, $5 visitor → stall_row
select * from khop.stall_assign(khop.visit($1::bytea, $5::text), $2::timestamptz, $3::int8, $4::int8)
