-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 stall, $4 charge → code_row
select * from khop.stall_sale_get($1::bytea, $2::timestamptz, $3::int8, $4::int8)
