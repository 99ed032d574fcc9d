-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now; rows: $5 place, $6 row of the file, $7 date, $8 second, $9 amount, $10 balance, $11 unique, $12 reversal,
-- $13 reference, $14 memo, $15 counter name, $16 counter account, $17 counter bank, $18 hash of both; codes: $19 place, $20 code, $21 how → rc
select * from khop.statement_stage($1::int4, $2::int8, $3::int8, $4::timestamptz, $5::int4[], $6::int4[], $7::date[], $8::int4[], $9::int8[], $10::int8[],
    $11::bool[], $12::bool[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::bytea[], $19::int4[], $20::int4[], $21::int2[])
