-- retry: yes
-- role: serve
-- $1 bucket, $2 charges, $3 now → charge_id, status, paid, amount, receipt_count, last_receipt_rid
select * from khop.charge_watch($1::int4, $2::int8[], $3::timestamptz)
