-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now, $5 file, $6 hash, $7 size, $8 format, $9 profile, $10 from, $11 to, $12 lines have times, $13 opening, $14 closing
-- → rc, repeated, file_id, lines, new_lines
select * from khop.statement_store($1::int4, $2::int8, $3::int8, $4::timestamptz, $5::int8, $6::bytea, $7::int4, $8::text, $9::text, $10::date, $11::date, $12::bool,
    $13::int8, $14::int8)
