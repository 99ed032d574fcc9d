-- retry: yes
-- role: jobs
-- $1 limit → khop.receipt_content, year NULL where a transfer gave no receipt
select * from khop.sign_next($1::int4)
