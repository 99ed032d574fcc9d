-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 stall, $4 owner → stall_row
select * from khop.stall_assign($1::bytea, $2::timestamptz, $3::int8, $4::int8)
