-- retry: yes
-- role: serve, jobs
-- $1 account, $2 now, $3 notice, $4 connection, $5 body, $6 hash, $7 reason, $8 ext_id, $9 exception → rc, repeated
select * from khop.notice_hold($1::int8, $2::timestamptz, $3::int8, $4::int8, $5::bytea, $6::bytea, $7::text, $8::text, $9::int8)
