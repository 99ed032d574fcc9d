-- retry: yes
-- role: owner
-- → valid_from, amount, source
select * from khop.stall_threshold_list()
