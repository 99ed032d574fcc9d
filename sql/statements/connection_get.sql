-- retry: yes
-- role: serve
-- $1 hook → bucket, org_id, account_id, connection_id, bin, account_no, provider, mode, role, active, secret, secret_id
select * from khop.connection_get($1::bytea)
