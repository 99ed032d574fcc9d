-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 charge or NULL, $4 code number or NULL → khop.code_row, a row per receipt
select * from khop.code_get($1::bytea, $2::timestamptz, $3::int8, $4::int4)
