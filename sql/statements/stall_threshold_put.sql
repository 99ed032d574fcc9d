-- retry: yes
-- role: owner
-- $1 from, $2 amount, $3 source
select * from khop.stall_threshold_put($1::date, $2::int8, $3::text)
