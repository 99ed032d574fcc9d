-- retry: yes
-- role: serve, jobs, owner
-- → version, hash
select * from khop.schema_version()
