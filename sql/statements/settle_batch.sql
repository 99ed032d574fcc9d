-- retry: yes
-- role: serve, jobs
-- $1 bucket, $2 now, $3 key_no; notices $4 id, $5 connection, $6 body, $7 hash;
-- events $8 id, $9 notice (place), $10 account, $11 provider, $12 ext_id, $13 hash, $14 direction, $15 amount, $16 paid_at, $17 memo,
-- $18 reference, $19 balance, $20 rid; candidates $21 event (place), $22 code, $23 how
-- → ord, outcome, repeated, conflict, event_id, seq, receipt_year, receipt_no, charge_id
select * from khop.settle_batch(
    $1::int4, $2::timestamptz, $3::int2, $4::int8[], $5::int8[], $6::bytea[], $7::bytea[], $8::int8[], $9::int4[], $10::int8[],
    $11::int2[], $12::text[], $13::bytea[], $14::int2[], $15::int8[], $16::timestamptz[], $17::text[], $18::text[], $19::int8[],
    $20::bytea[], $21::int4[], $22::int4[], $23::int2[])
