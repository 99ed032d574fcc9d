-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 round, $4 reason, $5 visitor → rc, doc
select * from khop.round_cancel(khop.visit($1::bytea, $5::text), $2::timestamptz, $3::int8, $4::text)
