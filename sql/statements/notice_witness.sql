-- retry: yes
-- role: serve, jobs
-- $1 account, $2 now, $3 notice, $4 connection, $5 body, $6 hash → rc, repeated
select * from khop.notice_witness($1::int8, $2::timestamptz, $3::int8, $4::int8, $5::bytea, $6::bytea)
