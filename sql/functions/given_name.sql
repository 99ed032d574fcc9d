-- What a person is called: the last word of the name, for sorting and for paper that many hands hold.
create or replace function khop.given_name(p_name text) returns text
language sql immutable strict security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
    select substring(p_name from '\S+\s*$')
$f$;
alter function khop.given_name owner to khop_owner;
revoke all on function khop.given_name from public;
grant execute on function khop.given_name to khop_fn_org;
comment on function khop.given_name is 'The last word of a name';
