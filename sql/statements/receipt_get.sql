-- retry: yes
-- role: serve
-- $1 token, $2 receipt → khop.receipt_row
select * from khop.receipt_get($1::bytea, $2::int8)
