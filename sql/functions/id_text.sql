-- Public id of a row (base/enc.h): prefix, '_', thirteen letters. NULL for NULL.
create or replace function khop.id_text(p_prefix text, p_id int8) returns text
language sql immutable strict security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
    select p_prefix || '_' || string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz', ((p_id >> (5 * g)) & 31)::int4 + 1, 1), '' order by g desc)
        from generate_series(0, 12) g
$f$;
alter function khop.id_text owner to khop_owner;
revoke all on function khop.id_text from public;
grant execute on function khop.id_text to khop_fn_org, khop_fn_settle;
comment on function khop.id_text is 'Public id of a row';
