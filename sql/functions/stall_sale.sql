-- A code for one sale at a stall: its account, its name, the amount of the keypad. Repeats with the same key get the same code.
-- rc as code_issue; -4: no such stall of his, or it is closed.
create or replace function khop.stall_sale(p_token bytea, p_now timestamptz, p_stall_id int8, p_key_hash bytea, p_request_hash bytea, p_random int8,
    p_pay_token bytea, p_codes int4[], p_amount int8, p_expires_at timestamptz) returns setof khop.code_row
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
    v_key khop.idempotency;
    v_charge_id int8;
    v_code int4;
    v_row khop.code_row;
begin
    select * into v_in from khop.stall_enter(p_token, p_now, p_stall_id);
    v_row.rc := case when v_in.rc = 0 and (v_in.stall).closed_at is not null then -4 else v_in.rc end;
    if v_row.rc <> 0 then
        return next v_row;
        return;
    end if;
    v_charge_id := v_in.bucket::int8 << 48 | (p_random & ((1::int8 << 48) - 1));
    insert into khop.idempotency (bucket, org_id, key_hash, request_hash, charge_id, created_at)
    values (v_in.bucket, v_in.org_id, p_key_hash, p_request_hash, v_charge_id, p_now) on conflict do nothing;
    if not found then
        select * into v_key from khop.idempotency i where i.bucket = v_in.bucket and i.org_id = v_in.org_id and i.key_hash = p_key_hash;
        if v_key.request_hash <> p_request_hash then
            v_row.rc := -5;
        else
            select * into v_row from khop.code_rows(array[v_in.bucket], array[v_key.charge_id], null);
            v_row.repeated := true;
        end if;
        return next v_row;
        return;
    end if;
    v_row.rc := -13;
    foreach v_code in array p_codes loop
        insert into khop.charge_due (bucket, code_no, charge_id, org_id, account_id, due, expires_at, direction)
        values (v_in.bucket, v_code, v_charge_id, v_in.org_id, (v_in.account).account_id, p_amount, p_expires_at, 1)
        on conflict do nothing;
        if found then
            v_row.rc := 0;
            exit;
        end if;
    end loop;
    if v_row.rc <> 0 then
        delete from khop.idempotency i where i.bucket = v_in.bucket and i.org_id = v_in.org_id and i.key_hash = p_key_hash;
        return next v_row;
        return;
    end if;
    insert into khop.charge (bucket, charge_id, org_id, account_id, code_no, kind, amount, label, expires_at, token, created_at, created_by)
    values (v_in.bucket, v_charge_id, v_in.org_id, (v_in.account).account_id, v_code, 'C', p_amount, (v_in.stall).name, p_expires_at, p_pay_token,
            p_now, v_in.actor);
    return query select * from khop.code_rows(array[v_in.bucket], array[v_charge_id], null);
end $f$;
alter function khop.stall_sale owner to khop_fn_org;
revoke all on function khop.stall_sale from public;
grant execute on function khop.stall_sale to khop_serve;
comment on function khop.stall_sale is 'A code with an amount for one sale';
