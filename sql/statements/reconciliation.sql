-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 account, $4 day, $5 state or NULL, $6 after, $7 limit, $8 visitor → rc, doc
select * from khop.reconciliation(khop.visit($1::bytea, $8::text), $2::timestamptz, $3::int8, $4::date, $5::text, $6::int4, $7::int4)
