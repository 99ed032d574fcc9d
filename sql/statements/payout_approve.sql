-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 list, $4 random, $5 visitor → rc, doc
select * from khop.payout_approve(khop.visit($1::bytea, $5::text), $2::timestamptz, $3::int8, $4::int8)
