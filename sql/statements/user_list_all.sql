-- retry: no
-- role: owner
-- $1 org_id → user_id, login, name, org_id, org_name, role, disabled, totp, signed_in_at, pepper
select * from khop.user_list_all($1::int8)
