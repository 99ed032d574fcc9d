-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 status, $4 account, $5 after time, $6 after id, $7 limit, $8 visitor → khop.code_row, a row per code
select * from khop.code_list(khop.visit($1::bytea, $8::text), $2::timestamptz, $3::text, $4::int8, $5::timestamptz, $6::int8, $7::int4)
