-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 round, $4 reason → rc, doc
select * from khop.round_cancel($1::bytea, $2::timestamptz, $3::int8, $4::text)
