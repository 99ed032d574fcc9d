-- The login step of live pages: whoever watches these charges was given their ids by a page that knew them. Opens their organisations.
create or replace function khop.enter_charges(p_bucket int4, p_ids int8[]) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
begin
    perform set_config('khop.orgs', coalesce((select string_agg(distinct c.org_id::text, ',')
        from khop.charge c where c.bucket = p_bucket and c.charge_id = any (p_ids)), ''), true);
end $f$;
alter function khop.enter_charges owner to khop_owner;
revoke all on function khop.enter_charges from public;
grant execute on function khop.enter_charges to khop_fn_org;
comment on function khop.enter_charges is 'Opens the organisations of these charges for this transaction (live pages)';
