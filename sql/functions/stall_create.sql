-- A stall with the account of its seller and a permanent code without an amount. The account is private from its first day; one that is
-- the organisation's own is not taken. The same account may have several stalls.
-- rc -5: a stall of that name is open (what = 'name'), or the account cannot be taken ('account'); -2: the books have no number for
-- another account; -13: no candidate is free.
create or replace function khop.stall_create(
    p_token bytea, p_now timestamptz, p_random int8, p_account_random int8, p_charge_random int8, p_pay_token bytea, p_codes int4[],
    p_name text, p_place text, p_bin text, p_account_no text, p_holder text) returns setof khop.stall_row
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
declare
    c_random constant int8 := (1::int8 << 48) - 1;
    v_login record;
    v_account khop.account;
    v_ledger int4;
    v_stall int8;
    v_charge int8;
    v_code int4;
    v_found bool := false;
    v_row khop.stall_row;
begin
    select * into v_login from khop.login_fresh(p_token, p_now, 8);
    v_row.rc := v_login.rc;
    if v_row.rc <> 0 then
        return next v_row;
        return;
    end if;
    perform khop.head_lock(v_login.bucket, v_login.org_id);
    if exists (select 1 from khop.stall s where s.bucket = v_login.bucket and s.org_id = v_login.org_id and s.name = p_name collate "C" and s.closed_at is null) then
        v_row.rc := -5;
        v_row.what := 'name';
        return next v_row;
        return;
    end if;
    select * into v_account from khop.account a where a.bin = p_bin and a.account_no = p_account_no;
    if not found then
        v_ledger := khop.ledger_next(v_login.org_id);
        if v_ledger is null then
            v_row.rc := -2;
            return next v_row;
            return;
        end if;
        insert into khop.account (account_id, org_id, bucket, bin, account_no, holder, ledger_no, created_at, private)
        values (v_login.bucket::int8 << 48 | (p_account_random & c_random), v_login.org_id, v_login.bucket, p_bin, p_account_no, p_holder,
                v_ledger, p_now, true)
        on conflict (bin, account_no) do nothing returning * into v_account;
        if found then
            insert into khop.chart (org_id, account, name, type) values (v_login.org_id, v_ledger, p_bin || ' ' || p_account_no, 1);
        end if;
    end if;
    if v_account.account_id is null or not v_account.private then
        v_row.rc := -5;
        v_row.what := 'account';
        return next v_row;
        return;
    end if;
    v_charge := v_login.bucket::int8 << 48 | (p_charge_random & c_random);
    foreach v_code in array p_codes loop
        insert into khop.charge_due (bucket, code_no, charge_id, org_id, account_id, due, expires_at, direction)
        values (v_login.bucket, v_code, v_charge, v_login.org_id, v_account.account_id, null, null, 1)
        on conflict do nothing;
        v_found := found;
        exit when v_found;
    end loop;
    if not v_found then
        raise exception using errcode = '55P03', message = 'no number is free'; -- of a kind nine tenths full once in 850 calls: try again
    end if;
    insert into khop.charge (bucket, charge_id, org_id, account_id, code_no, kind, amount, label, token, created_at, created_by)
    values (v_login.bucket, v_charge, v_login.org_id, v_account.account_id, v_code, 'C', null, p_name, p_pay_token, p_now, v_login.token_id);
    v_stall := v_login.bucket::int8 << 48 | (p_random & c_random);
    insert into khop.stall (bucket, stall_id, org_id, account_id, charge_id, name, place, created_at, created_by)
    values (v_login.bucket, v_stall, v_login.org_id, v_account.account_id, v_charge, p_name, p_place, p_now, v_login.token_id);
    perform khop.audit_add(p_token, p_now, 'stall.create', 'stl ' || v_stall, 'ok', null);
    return query select * from khop.stall_rows(v_login.bucket, array[v_stall]);
end $f$;
alter function khop.stall_create owner to khop_fn_org;
revoke all on function khop.stall_create from public;
grant execute on function khop.stall_create to khop_serve;
comment on function khop.stall_create is 'Adds a stall with its account and its permanent code';
