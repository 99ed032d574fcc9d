-- A memo without what banks change on its way: capitals without marks, letters and digits only.
create or replace function khop.memo_key(p_text text) returns text
language sql immutable security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
    select regexp_replace(upper(replace(normalize(lower(coalesce(p_text, '')), nfd), 'đ', 'd') collate "C"), '[^A-Z0-9]', '', 'g')
$f$;
alter function khop.memo_key owner to khop_owner;
revoke all on function khop.memo_key from public;
grant execute on function khop.memo_key to khop_fn_org, khop_fn_settle;
comment on function khop.memo_key is 'A memo without what banks change on its way';
