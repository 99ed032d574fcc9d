-- retry: yes
-- role: serve, jobs, owner
-- $1 kid, $2 public key, $3 iss, $4 now → key_no
select * from khop.key_register($1::text, $2::bytea, $3::text, $4::timestamptz)
