-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 and $4 key of the row before or NULL, $5 limit, $6 visitor → rc, doc
select * from khop.payout_list(khop.visit($1::bytea, $6::text), $2::timestamptz, $3::int4, $4::int8, $5::int4)
