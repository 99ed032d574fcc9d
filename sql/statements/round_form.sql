-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 round or NULL → rc, doc
select * from khop.round_form($1::bytea, $2::timestamptz, $3::int8)
