-- retry: yes
-- role: serve
-- $1 bucket, $2 rid → khop.receipt_row
select * from khop.receipt_public($1::int4, $2::bytea)
