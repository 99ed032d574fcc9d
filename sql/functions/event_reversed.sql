-- Whether a row of the journal has been reversed.
create or replace function khop.event_reversed(p_bucket int4, p_org_id int8, p_seq int8) returns bool
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
begin
    return exists (select from khop.transfer u where u.bucket = p_bucket and u.org_id = p_org_id and u.of_seq = p_seq and u.kind = 7);
end $f$;
alter function khop.event_reversed owner to khop_fn_settle;
revoke all on function khop.event_reversed from public;
grant execute on function khop.event_reversed to khop_fn_org, khop_owner;
comment on function khop.event_reversed is 'Whether a row of the journal has been reversed';
