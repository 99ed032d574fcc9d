-- retry: no
-- role: serve
-- $1 account, $2 now, $3 connection → rc
select * from khop.notice_alarm($1::int8, $2::timestamptz, $3::text)
