-- retry: yes
-- role: owner
-- → built, installed: versions of the order of names
select * from khop.name_order()
