-- retry: yes
-- role: jobs
-- $1 now, $2 bucket, $3 org, $4 from, $5 to, $6 events, $7 hashes of their accounts, $8 with a bank → rc
select * from khop.account_put($1::timestamptz, $2::int4, $3::int8, $4::int8, $5::int8, $6::int8[], $7::bytea[], $8::bool[])
