-- audit.invariants() for the process that runs it every hour: one row per broken invariant, none when the books are right.
create or replace function khop.invariants() returns table (name text, detail text)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
begin
    return query select i.name, i.detail from audit.invariants() i;
end $f$;
alter function khop.invariants owner to khop_owner;
revoke all on function khop.invariants from public;
grant execute on function khop.invariants to khop_jobs;
comment on function khop.invariants is 'Broken invariants of the books, for the jobs process';
