-- The payers that share a household with one, itself among them.
create or replace function khop.household(p_bucket int4, p_org_id int8, p_payer_id int8) returns int8[]
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
declare
    v_household text;
begin
    select p.household into v_household from khop.payer p where p.bucket = p_bucket and p.payer_id = p_payer_id and p.org_id = p_org_id;
    if v_household is null then
        return array[p_payer_id];
    end if;
    return array(select p.payer_id from khop.payer p
                  where p.bucket = p_bucket and p.org_id = p_org_id and p.household collate "C" = v_household
                  order by p.payer_id + 0 limit 64); -- an order that the primary key would give tempts the planner away from payer_household
end $f$;
alter function khop.household owner to khop_fn_settle;
revoke all on function khop.household from public;
grant execute on function khop.household to khop_fn_org;
comment on function khop.household is 'Payers of one household';
