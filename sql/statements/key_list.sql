-- retry: yes
-- role: serve, jobs
-- → kid, public_key, valid_from, revoked_at
select * from khop.key_list()
