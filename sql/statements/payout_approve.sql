-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 list, $4 random → rc, doc
select * from khop.payout_approve($1::bytea, $2::timestamptz, $3::int8, $4::int8)
