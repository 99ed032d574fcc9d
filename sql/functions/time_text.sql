-- A time as documents say it: RFC 3339, in the zone of Vietnam, to the second.
create or replace function khop.time_text(p_at timestamptz) returns text
language sql immutable strict security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
    select to_char((p_at at time zone 'UTC') + interval '7 hours', 'YYYY-MM-DD"T"HH24:MI:SS"+07:00"')
$f$;
alter function khop.time_text owner to khop_owner;
revoke all on function khop.time_text from public;
grant execute on function khop.time_text to khop_fn_org, khop_fn_settle;
comment on function khop.time_text is 'A time as documents say it';
