-- retry: no
-- role: serve
-- $1 token, $2 now, $3 webhook, $4 sealed secret or NULL, $5 visitor → rc
select * from khop.webhook_change(khop.visit($1::bytea, $5::text), $2::timestamptz, $3::int8, $4::bytea)
