-- retry: yes
-- role: serve, jobs, owner
-- $1 now → letter, name, direction, usable
select * from khop.kind_list($1::timestamptz)
