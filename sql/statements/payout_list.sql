-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 after, $4 limit → rc, doc
select * from khop.payout_list($1::bytea, $2::timestamptz, $3::int4, $4::int4)
