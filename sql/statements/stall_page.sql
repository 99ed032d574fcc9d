-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 stall, $4 after, $5 limit, $6 visitor → stall_page_row
select * from khop.stall_page(khop.visit($1::bytea, $6::text), $2::timestamptz, $3::int8, $4::int8, $5::int4)
