-- Asks for money to be given back: of a payer's credit (p_payer_id), or of what a charge has been paid (p_charge_id). It becomes an exception that
-- waits for a second person (exception_decide), and then a payout code. Needs a login that is fresh.
-- rc 0 with the exception's id; -1 `why` names what is missing; -4 not theirs; -5 `why` sum: there is not so much.
create or replace function khop.refund_request(
    p_token bytea, p_now timestamptz, p_account_id int8, p_payer_id int8, p_charge_id int8, p_amount int8, p_reason text, p_random int8, p_payee_bin text,
    p_payee_account_no text, p_payee_name text)
returns table (rc int2, why text, exception_id int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $f$
#variable_conflict use_column
declare
    v_login record;
    v_due khop.charge_due;
    v_most int8;
    v_charge_id int8;
    b record;
begin
    select l.* into v_login from khop.login_fresh(p_token, p_now, 2 | 4) l;
    rc := v_login.rc;
    if rc = 0 then
        perform khop.book_lock(v_login.bucket, v_login.org_id);
        select d.* into v_due
          from (select c.code_no from khop.charge c where c.bucket = v_login.bucket and c.charge_id = p_charge_id and c.org_id = v_login.org_id limit 1) c
          join lateral (select d.* from khop.charge_due d where d.bucket = v_login.bucket and d.code_no = c.code_no limit 1) d on d.direction = 1;
        v_most := case when p_charge_id is not null then v_due.paid + v_due.adjusted
                       else (select c.amount from khop.credit c where c.bucket = v_login.bucket and c.payer_id = p_payer_id and c.org_id = v_login.org_id) end;
        if (p_payer_id is null) = (p_charge_id is null) or p_payee_bin is null or p_payee_account_no is null or p_payee_name is null or coalesce(p_amount, 0) <= 0 then
            rc := -1;
            why := case when coalesce(p_amount, 0) <= 0 then 'amount' when p_payee_bin is null then 'payee' else 'payer' end;
        elsif not exists (select from khop.account a where a.account_id = p_account_id and a.org_id = v_login.org_id)
              or p_charge_id is not null and v_due.code_no is null
              or p_payer_id is not null and not exists (
                  select from khop.payer p where p.bucket = v_login.bucket and p.payer_id = p_payer_id and p.org_id = v_login.org_id) then
            rc := -4;
        elsif p_amount > coalesce(v_most, 0) then
            rc := -5;
            why := 'sum';
        end if;
    end if;
    if rc <> 0 then
        return next;
        return;
    end if;
    v_charge_id := v_login.bucket::int8 << 48 | (p_random & ((1::int8 << 48) - 1));
    exception_id := khop.exception_open(v_login.bucket, v_login.org_id, p_now, p_account_id, 'refund_requested', 2::int2, p_amount,
        v_due.charge_id, v_due.code_no, p_reason);
    select * into b from khop.book(v_login.bucket, v_login.org_id, p_now, exception_id, 'propose', 'person', 1::int2, null, v_login.token_id, null, p_reason,
        jsonb_build_object('what', 'refund', 'amount', p_amount, 'from', case when p_charge_id is null then 3387 else 131 end, 'payer', p_payer_id, 'code', v_due.code_no,
            'charge', v_charge_id), null, null, null, null, null, null, null, null);
    insert into khop.party (bucket, charge_id, role, org_id, name, bin, account_no)
    values (v_login.bucket, v_charge_id, 2, v_login.org_id, p_payee_name, p_payee_bin, p_payee_account_no);
    perform khop.audit_add(p_token, p_now, 'refund.request', exception_id::text, 'ok', p_reason);
    rc := b.rc;
    return next;
end $f$;
alter function khop.refund_request owner to khop_fn_org;
revoke all on function khop.refund_request from public;
grant execute on function khop.refund_request to khop_serve;
comment on function khop.refund_request is 'Asks for a refund of credit, or of what a charge has been paid';
