-- retry: yes
-- role: serve, jobs
-- $1 now → writable, partitions_ahead
select * from khop.ready($1::timestamptz)
