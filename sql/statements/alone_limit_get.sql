-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 visitor → rc, amount, changed_at, changed_by
select * from khop.alone_limit_get(khop.visit($1::bytea, $3::text), $2::timestamptz)
