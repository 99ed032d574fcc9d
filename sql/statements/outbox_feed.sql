-- retry: yes
-- role: jobs
-- $1 now, $2 rows of a journal at most → fed, more
select * from khop.outbox_feed($1::timestamptz, $2::int4)
