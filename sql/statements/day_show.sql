-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 day, $4 visitor → rc, day, state, version, from_day, open_day, seal, own, sheet, faults, steps
select * from khop.day_show(khop.visit($1::bytea, $4::text), $2::timestamptz, $3::date)
