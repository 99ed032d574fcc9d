-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 stall, $4 charge, $5 visitor → code_row
select * from khop.stall_sale_get(khop.visit($1::bytea, $5::text), $2::timestamptz, $3::int8, $4::int8)
