-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 visitor → rc, tile, n, amount, since, id, label, done, total, day, paid
select * from khop.desk_home(khop.visit($1::bytea, $3::text), $2::timestamptz)
