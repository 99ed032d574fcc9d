-- audit.invariants under a name that statements may call: for khop doctor, which reads all of the books and writes nothing down.
create or replace function khop.invariants_all() returns table (name text, detail text)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
begin
    return query select i.name, i.detail from audit.invariants() i;
end $f$;
alter function khop.invariants_all owner to khop_owner;
revoke all on function khop.invariants_all from public;
comment on function khop.invariants_all is 'One row per broken invariant of all books';
