-- retry: no
-- role: serve
insert into khop.item (bucket, ext, n) select $1::int4, $2::text, $3::int8 from pg_sleep($4::int4 / 1000.0) returning n
