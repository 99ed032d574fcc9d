-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 charge, $4 reason, $5 visitor → khop.code_row
select * from khop.code_cancel(khop.visit($1::bytea, $5::text), $2::timestamptz, $3::int8, $4::text)
