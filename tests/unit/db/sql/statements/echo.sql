-- retry: yes
-- role: serve
select $1::bool, $2::int2, $3::int4, $4::int8, $5::text, $6::bytea, $7::timestamptz, $8::date, $9::json, $10::text::jsonb
