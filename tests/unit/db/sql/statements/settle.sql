-- retry: yes
-- role: serve
select * from khop.settle($1::int4, $2::text[], $3::int8[], $4::int4)
