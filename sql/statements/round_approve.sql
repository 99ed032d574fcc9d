-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 round, $4 reason, $5 random, $6 visitor → rc, doc
select * from khop.round_approve(khop.visit($1::bytea, $6::text), $2::timestamptz, $3::int8, $4::text, $5::int8)
