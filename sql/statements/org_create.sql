-- retry: no
-- role: owner
-- $1 now, $2 random, $3 name, $4 kind, $5 code, $6 buckets, $7 area → org_id, bucket
select * from khop.org_create($1::timestamptz, $2::int8, $3::text, $4::text, $5::text, $6::int4, $7::int4)
