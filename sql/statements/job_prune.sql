-- retry: yes
-- role: jobs
-- $1 now → chunks, jobs
select * from khop.job_prune($1::timestamptz)
