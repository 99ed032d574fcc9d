create or replace function khop.schema_version() returns table (version int4, hash text) language sql stable as $f$
    select (select max(m.version) from khop.schema_migration m), (select max(f.hash) from khop.schema_functions f)
$f$;
