-- retry: yes
-- role: jobs
-- $1 now, $2 bucket, $3 exception, $4 rule, $5 its version, $6 held, $7 payer; seen $8 codes, $9 rests; $10 searched, $11 choices, $12 number of
-- the choice, $13 its codes; $14 codes, $15 amounts, $16 rids of the parts, $17 credit, $18 payout code → rc
select * from khop.allocate_apply($1::timestamptz, $2::int4, $3::int8, $4::text, $5::int2, $6::int8, $7::int8, $8::int4[], $9::int8[], $10::bool, $11::int8,
    $12::int4[], $13::int4[], $14::int4[], $15::int8[], $16::bytea[], $17::int8, $18::int4)
