-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 class, $4 part of a name or number, $5 those who have left, $6 after place, $7 limit, $8 visitor → rc, doc
select * from khop.payer_list(khop.visit($1::bytea, $8::text), $2::timestamptz, $3::text, $4::text, $5::bool, $6::int4, $7::int4)
