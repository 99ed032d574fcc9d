-- Adds a receiving account to the token's organisation and an account for it to its books. The same account again: the stored row.
-- rc -5: the account belongs to another organisation; -2: the books have no number left.
create or replace function khop.account_create(p_token bytea, p_now timestamptz, p_random int8, p_bin text, p_account_no text, p_holder text)
returns table (rc int2, account_id int8, bin text, account_no text, holder text, ledger_no int4, created_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
declare
    v_login record;
    v_ledger int4;
begin
    select * into v_login from khop.login_fresh(p_token, p_now, 8);
    rc := v_login.rc;
    if rc = 0 then
        perform khop.head_lock(v_login.bucket, v_login.org_id);
        v_ledger := khop.ledger_next(v_login.org_id);
        if v_ledger is not null then
            insert into khop.account (account_id, org_id, bucket, bin, account_no, holder, ledger_no, created_at)
            values (v_login.bucket::int8 << 48 | (p_random & ((1::int8 << 48) - 1)), v_login.org_id, v_login.bucket, p_bin, p_account_no,
                    p_holder, v_ledger, p_now)
            on conflict (bin, account_no) do nothing;
            if found then
                insert into khop.chart (org_id, account, name, type) values (v_login.org_id, v_ledger, p_bin || ' ' || p_account_no, 1);
                perform khop.audit_add(p_token, p_now, 'account.create', p_bin || ' …' || right(p_account_no, 4), 'ok', null);
            end if;
        end if;
        return query select 0::int2, a.account_id, a.bin, a.account_no, a.holder, a.ledger_no, a.created_at
                       from khop.account a where a.org_id = v_login.org_id and a.bin = p_bin and a.account_no = p_account_no;
        if found then
            return;
        end if;
        rc := case when v_ledger is null then -2 else -5 end;
    end if;
    return next;
end $f$;
alter function khop.account_create owner to khop_fn_org;
revoke all on function khop.account_create from public;
grant execute on function khop.account_create to khop_serve;
comment on function khop.account_create is 'Adds a receiving account to the organisation';
