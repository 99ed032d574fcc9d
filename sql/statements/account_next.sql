-- retry: yes
-- role: jobs
-- $1 modes of connections whose notices name the payer's account, $2 rows of the journal → bucket, org_id, from_seq, to_seq, seq, mode, ext_id, body
select * from khop.account_next($1::int2[], $2::int4)
