-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 stall, $4 from, $5 to, $6 after, $7 visitor → rc, name, seq, paid_at, booked_on, amount, asked, code_no, reference
select * from khop.stall_sales(khop.visit($1::bytea, $7::text), $2::timestamptz, $3::int8, $4::date, $5::date, $6::int8)
