-- retry: yes
-- role: serve, jobs
-- $1 bucket, $2 now, $3 key_no; notices $4 connection, $5 body, $6 hash;
-- events $7 notice (place), $8 account, $9 provider, $10 ext_id, $11 hash, $12 direction, $13 amount, $14 paid_at, $15 memo,
-- $16 reference, $17 balance, $18 rid; candidates $19 event (place), $20 code, $21 how
-- → ord, outcome, repeated, conflict, event_id, seq, receipt_year, receipt_no, charge_id
select * from khop.settle_batch(
    $1::int4, $2::timestamptz, $3::int2, $4::int8[], $5::bytea[], $6::bytea[], $7::int4[], $8::int8[], $9::int2[], $10::text[],
    $11::bytea[], $12::int2[], $13::int8[], $14::timestamptz[], $15::text[], $16::text[], $17::int8[], $18::bytea[],
    $19::int4[], $20::int4[], $21::int2[])
