-- retry: no
-- role: serve, owner
-- $1 now, $2 hash → rc
select * from khop.setup_offer($1::timestamptz, $2::bytea)
