-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 random, $4 hash of the key, $5 kind, $6 format, $7 size in bytes, $8 parameters (JSON object), $9 urgent, $10
-- visitor → khop.job_row
select * from khop.job_submit(khop.visit($1::bytea, $10::text), $2::timestamptz, $3::int8, $4::bytea, $5::text, $6::text, $7::int4,
    $8::text, $9::bool)
