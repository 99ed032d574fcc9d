-- What a process compares before it serves: the highest migration and the hash of the applied functions.
create or replace function khop.schema_version() returns table (version int4, hash text)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
begin
    return query select (select max(m.version) from khop.schema_migration m)::int4, (select max(f.hash) from khop.schema_functions f);
end $f$;
alter function khop.schema_version owner to khop_fn_org;
revoke all on function khop.schema_version from public;
grant execute on function khop.schema_version to khop_serve, khop_jobs, khop_audit;
comment on function khop.schema_version is 'Version of the schema and hash of its functions';
