-- A text as it is searched: lower case, no marks, đ as d.
create or replace function khop.fold(p_text text) returns text
language sql immutable strict security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
    select replace(regexp_replace(normalize(lower(p_text), nfd), '[\u0300-\u036f]', '', 'g'), 'đ', 'd')
$f$;
alter function khop.fold owner to khop_owner;
revoke all on function khop.fold from public;
grant execute on function khop.fold to khop_fn_org;
comment on function khop.fold is 'A text as it is searched';
