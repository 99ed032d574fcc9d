-- A sale of a stall with its receipts, by the id of its code. rc -4: none of his.
create or replace function khop.stall_sale_get(p_token bytea, p_now timestamptz, p_stall_id int8, p_charge_id int8) returns setof khop.code_row
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_material = off
set join_collapse_limit = 1
as $f$
declare
    v_in record;
    v_row khop.code_row;
begin
    select * into v_in from khop.stall_enter(p_token, p_now, p_stall_id);
    v_row.rc := v_in.rc;
    if v_row.rc = 0 then
        if exists (select 1 from khop.charge c where c.bucket = v_in.bucket and c.charge_id = p_charge_id and c.account_id = (v_in.account).account_id
                      and c.created_at >= v_in.since) then
            return query select * from khop.code_rows(array[v_in.bucket], array[p_charge_id], 100);
            return;
        end if;
        v_row.rc := -4;
    end if;
    return next v_row;
end $f$;
alter function khop.stall_sale_get owner to khop_fn_org;
revoke all on function khop.stall_sale_get from public;
grant execute on function khop.stall_sale_get to khop_serve;
comment on function khop.stall_sale_get is 'One sale of a stall';
