-- retry: yes
-- role: serve
select $1::int8
