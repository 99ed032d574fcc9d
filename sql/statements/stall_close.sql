-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 stall → rc
select * from khop.stall_close($1::bytea, $2::timestamptz, $3::int8)
