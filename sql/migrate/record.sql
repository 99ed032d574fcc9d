-- $1 version, $2 name, $3 hash, $4 now
insert into khop.schema_migration (version, name, hash, applied_at) values ($1::int4, $2::text, $3::text, $4::timestamptz)
