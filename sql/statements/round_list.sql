-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 after, $4 limit, $5 visitor → rc, doc
select * from khop.round_list(khop.visit($1::bytea, $5::text), $2::timestamptz, $3::int4, $4::int4)
