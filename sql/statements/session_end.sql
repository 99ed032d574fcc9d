-- retry: no
-- role: serve
-- $1 token, $2 now, $3 session_id, $4 req, $5 visitor → rc, ended
select * from khop.session_end(khop.visit($1::bytea, $5::text), $2::timestamptz, $3::int8, $4::text)
