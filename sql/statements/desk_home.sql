-- retry: yes
-- role: serve
-- $1 token, $2 now → rc, tile, n, amount, since, id, label, done, total, day, paid
select * from khop.desk_home($1::bytea, $2::timestamptz)
