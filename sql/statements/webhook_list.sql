-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 id or NULL, $4 after, $5 limit, $6 visitor → rc, webhook_id, url, types, created, failing since, ended, why, two
-- secrets, waiting
select * from khop.webhook_list(khop.visit($1::bytea, $6::text), $2::timestamptz, $3::int8, $4::int8, $5::int4)
