-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 list → rc, doc
select * from khop.payout_get($1::bytea, $2::timestamptz, $3::int8)
