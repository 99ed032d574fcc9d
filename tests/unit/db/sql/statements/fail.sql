-- retry: yes
-- role: serve
select khop.fail_maybe()::text
