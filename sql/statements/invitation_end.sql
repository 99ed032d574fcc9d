-- retry: no
-- role: serve
-- $1 token, $2 now, $3 invitation_id, $4 req → rc
select * from khop.invitation_end($1::bytea, $2::timestamptz, $3::int8, $4::text)
