-- The versions of the ICU library that the index of payers' names was built with, and that is installed: where they differ names may stand elsewhere in it
-- than they are looked for.
create or replace function khop.name_order() returns table (built text, installed text)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
begin
    return query
    select coalesce(c.collversion, ''), coalesce(pg_collation_actual_version(c.oid), '') from pg_collation c
     where c.collnamespace = 'khop'::regnamespace and c.collname = 'vn';
end $f$;
alter function khop.name_order owner to khop_owner;
revoke all on function khop.name_order from public;
comment on function khop.name_order is 'Versions of the order of names';
