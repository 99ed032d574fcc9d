-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 visitor → rc, doc
select * from khop.ceiling_list(khop.visit($1::bytea, $3::text), $2::timestamptz)
