-- The login step of live pages: whoever watches these charges was given their ids by a page that knew them. Opens their organisations.
create or replace function khop.enter_charges(p_bucket int4, p_ids int8[]) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
begin
    perform set_config('khop.orgs', coalesce((select string_agg(distinct c.org_id::text, ',')
        from unnest(p_ids) i (charge_id), lateral (
            select x.org_id from khop.charge x where x.bucket = p_bucket and x.charge_id = i.charge_id limit 1) c), ''), true);
end $f$;
alter function khop.enter_charges owner to khop_owner;
revoke all on function khop.enter_charges from public;
grant execute on function khop.enter_charges to khop_fn_org;
comment on function khop.enter_charges is 'Opens the organisations of these charges for this transaction (live pages)';
