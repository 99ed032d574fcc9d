-- retry: yes
-- role: jobs
-- → bucket, exception_id, reason, held, code_no, payer_id, paid, charge_no, charge_payer, rest
select * from khop.allocate_next()
