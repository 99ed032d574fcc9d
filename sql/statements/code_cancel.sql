-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 charge, $4 reason → khop.code_row
select * from khop.code_cancel($1::bytea, $2::timestamptz, $3::int8, $4::text)
