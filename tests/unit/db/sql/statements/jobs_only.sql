-- retry: yes
-- role: jobs
select 1
