-- retry: yes
-- role: jobs, owner
-- → name, detail
select * from khop.invariants()
