-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now, $5 lines before these, $6 seed; arrays of one length: $7 codes, $8 pay tokens, $9 accounts,
-- $10 amounts, $11 labels, $12 payer refs, $13 payer names, $14 payee bins, $15 payee account numbers, $16 payee names, $17 due dates,
-- $18 expiries, $19 payer classes; of $12 to $19 each may be empty; lines of bills: $20 place of the code, $21 labels, $22 amounts;
-- $23 places of codes that leave credit alone → rc, done, state
select * from khop.job_issue(
    $1::int4, $2::int8, $3::int8, $4::timestamptz, $5::int4, $6::int8, $7::int4[], $8::bytea[], $9::int8[], $10::int8[],
    $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::date[], $18::timestamptz[],
    $19::text[], $20::int4[], $21::text[], $22::int8[], $23::int4[])
