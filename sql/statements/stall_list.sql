-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 after, $4 limit, $5 vendors → stall_row
select * from khop.stall_list($1::bytea, $2::timestamptz, $3::int8, $4::int4, $5::bool)
