-- retry: no
-- role: jobs
-- $1 now, $2 seconds that a gap has to stay, $3 rows of each journal → looked, opened, closed, more
select * from khop.balance_check($1::timestamptz, $2::int4, $3::int4)
