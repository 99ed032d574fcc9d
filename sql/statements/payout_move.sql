-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 list, $4 to, $5 note → rc, doc
select * from khop.payout_move($1::bytea, $2::timestamptz, $3::int8, $4::text, $5::text)
