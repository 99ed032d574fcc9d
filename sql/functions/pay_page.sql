-- What a pay page shows: the code with its receipts. The token is the permission. rc -4: no such page.
create or replace function khop.pay_page(p_bucket int4, p_token bytea, p_now timestamptz) returns setof khop.code_row
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
    v_charge constant int8 := khop.enter_pay_page(p_bucket, p_token);
    v_row khop.code_row;
begin
    return query select * from khop.code_rows(p_bucket, array[v_charge], true);
    if not found then
        v_row.rc := -4;
        return next v_row;
    end if;
end $f$;
alter function khop.pay_page owner to khop_fn_org;
revoke all on function khop.pay_page from public;
grant execute on function khop.pay_page to khop_serve;
comment on function khop.pay_page is 'What a pay page shows, by its token';
