-- retry: no
-- role: serve
-- $1 token, $2 now, $3 webhook, $4 sealed secret or NULL → rc
select * from khop.webhook_change($1::bytea, $2::timestamptz, $3::int8, $4::bytea)
