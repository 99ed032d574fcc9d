-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 stall, $4 tags, $5 amounts, $6 ages in seconds, $7 dropped, $8 visitor → rc
select * from khop.stall_asked(khop.visit($1::bytea, $8::text), $2::timestamptz, $3::int8, $4::text[], $5::int8[], $6::int4[], $7::bool[])
