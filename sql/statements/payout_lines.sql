-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 list, $4 state, $5 after, $6 limit, $7 visitor → rc, doc
select * from khop.payout_lines(khop.visit($1::bytea, $7::text), $2::timestamptz, $3::int8, $4::text, $5::int4, $6::int4)
