-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 round, $4 class, $5 state, $6 own, $7 after, $8 limit, $9 visitor → rc, doc
select * from khop.round_payers(khop.visit($1::bytea, $9::text), $2::timestamptz, $3::int8, $4::text, $5::text, $6::bool, $7::int4, $8::int4)
