-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 round, $4 reason, $5 random → rc, doc
select * from khop.round_approve($1::bytea, $2::timestamptz, $3::int8, $4::text, $5::int8)
