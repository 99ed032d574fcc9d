-- retry: no
-- role: owner
-- $1 now, $2 login, $3 what → rc
select * from khop.user_change($1::timestamptz, $2::text, $3::text)
