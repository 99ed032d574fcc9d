-- retry: yes
-- role: serve, jobs, owner
select * from khop.schema_version()
