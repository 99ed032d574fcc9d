-- retry: yes
-- role: serve
-- $1 token, $2 now → rc, doc
select * from khop.ceiling_list($1::bytea, $2::timestamptz)
