-- retry: yes
-- role: jobs
-- $1 now → partitions_made, keys_pruned
select * from khop.maintain($1::timestamptz)
