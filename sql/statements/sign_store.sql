-- retry: yes
-- role: jobs
-- $1 now; an element per organisation: $2 bucket, $3 org_id, $4 next transfer; an element per run of numbers: $5 place of its
-- organisation from 1, $6 year, $7 first number, $8 signatures → rc
select * from khop.sign_store($1::timestamptz, $2::int4[], $3::int8[], $4::int8[], $5::int4[], $6::int4[], $7::int4[], $8::bytea[])
