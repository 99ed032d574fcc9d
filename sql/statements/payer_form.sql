-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 payer or NULL, $4 visitor → rc, doc
select * from khop.payer_form(khop.visit($1::bytea, $4::text), $2::timestamptz, $3::int8)
