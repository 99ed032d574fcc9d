-- retry: yes
-- role: serve
-- → transfers that the signing of receipts has not seen, when the oldest was booked or NULL
select * from khop.sign_state()
