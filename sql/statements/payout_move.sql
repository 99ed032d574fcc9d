-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 list, $4 to, $5 note, $6 visitor → rc, doc
select * from khop.payout_move(khop.visit($1::bytea, $6::text), $2::timestamptz, $3::int8, $4::text, $5::text)
