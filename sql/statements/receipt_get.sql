-- retry: yes
-- role: serve
-- $1 token, $2 receipt, $3 visitor → khop.receipt_row
select * from khop.receipt_get(khop.visit($1::bytea, $3::text), $2::int8)
