-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 file → rc, doc
select * from khop.statement_get($1::bytea, $2::timestamptz, $3::int8)
