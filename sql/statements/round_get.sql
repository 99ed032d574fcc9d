-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 round, $4 visitor → rc, doc
select * from khop.round_get(khop.visit($1::bytea, $4::text), $2::timestamptz, $3::int8)
