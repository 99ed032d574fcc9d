-- retry: yes
-- role: serve
select $1::int4 / $2::int4
