-- retry: yes
-- role: serve
-- $1 token, $2 year, $3 after year, $4 after number, $5 limit, $6 visitor → khop.receipt_row
select * from khop.receipt_list(khop.visit($1::bytea, $6::text), $2::int4, $3::int4, $4::int8, $5::int4)
