-- The login step of a pay page: its unguessable token opens the organisation of its charge. NULL when there is none.
create or replace function khop.enter_pay_page(p_bucket int4, p_token bytea) returns int8
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
declare
    v_org int8;
    v_charge int8;
begin
    select c.org_id, c.charge_id into v_org, v_charge from khop.charge c where c.bucket = p_bucket and c.token = p_token;
    perform set_config('khop.orgs', coalesce(v_org::text, ''), true);
    return v_charge;
end $f$;
alter function khop.enter_pay_page owner to khop_owner;
revoke all on function khop.enter_pay_page from public;
grant execute on function khop.enter_pay_page to khop_fn_org;
comment on function khop.enter_pay_page is 'Opens the organisation of a pay page for this transaction; the charge, or NULL';
