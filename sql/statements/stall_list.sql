-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 after, $4 limit, $5 vendors, $6 visitor → stall_row
select * from khop.stall_list(khop.visit($1::bytea, $6::text), $2::timestamptz, $3::int8, $4::int4, $5::bool)
