-- One code of the token's organisation with its receipts, by id or by the code's number. rc -4: none of theirs.
create or replace function khop.code_get(p_token bytea, p_now timestamptz, p_charge_id int8, p_code_no int4) returns setof khop.code_row
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
    v_login record;
    v_id int8;
    v_row khop.code_row;
begin
    select * into v_login from khop.login(p_token, p_now, 1 | 2);
    v_row.rc := v_login.rc;
    if v_row.rc = 0 then
        if p_charge_id is null then
            select d.charge_id into v_id from khop.charge_due d
             where d.bucket = v_login.bucket and d.code_no = p_code_no and d.org_id = v_login.org_id;
        else
            select c.charge_id into v_id from khop.charge c
             where c.bucket = v_login.bucket and c.charge_id = p_charge_id and c.org_id = v_login.org_id;
        end if;
        return query select * from khop.code_rows(array[v_login.bucket], array[v_id], 100);
        if found then
            return;
        end if;
        v_row.rc := -4;
    end if;
    return next v_row;
end $f$;
alter function khop.code_get owner to khop_fn_org;
revoke all on function khop.code_get from public;
grant execute on function khop.code_get to khop_serve;
comment on function khop.code_get is 'One code with its receipts, by id or by number';
