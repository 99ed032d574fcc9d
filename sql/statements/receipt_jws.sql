-- retry: yes
-- role: serve
-- $1 bucket, $2 rid → khop.receipt_content
select * from khop.receipt_jws($1::int4, $2::bytea)
