-- retry: yes
-- role: serve
-- $1 bucket, $2 pay token, $3 now → khop.code_row, a row per receipt
select * from khop.pay_page($1::int4, $2::bytea, $3::timestamptz)
