-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 charge or NULL, $4 code number or NULL, $5 visitor → khop.code_row, a row per receipt
select * from khop.code_get(khop.visit($1::bytea, $5::text), $2::timestamptz, $3::int8, $4::int4)
