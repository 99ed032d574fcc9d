-- The version of a round: when it was changed, to the microsecond.
create or replace function khop.round_version(p_changed_at timestamptz) returns text
language sql immutable strict security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
    select (extract(epoch from p_changed_at) * 1000000)::int8::text
$f$;
alter function khop.round_version owner to khop_owner;
revoke all on function khop.round_version from public;
grant execute on function khop.round_version to khop_fn_org;
comment on function khop.round_version is 'The version of a round';
