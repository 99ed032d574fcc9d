-- retry: no
-- role: serve
-- $1 token, $2 now, $3 day, $4 action, $5 override, $6 reason, $7 visitor → rc, why
select * from khop.day_act(khop.visit($1::bytea, $7::text), $2::timestamptz, $3::date, $4::text, $5::bool, $6::text)
