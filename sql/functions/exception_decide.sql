-- The second person agrees to what was proposed about an exception, or does not. A refund becomes a payout code (p_codes: candidates) whose outgoing
-- notice will settle it; a write-off goes to other income or expense; a reversal is booked on the open day; what the bank contradicts is corrected (p_pay_token: of
-- a receipt that this may need). Nobody agrees to his own
-- proposal (the table says so, too); whoever made it may take it back, which is a refusal by himself.
-- rc 0; -4 not theirs; -5 it is not proposed, or the books do not allow it any more; -7 nobody who may, `why` person: his own; -13 no free code; -14.
create or replace function khop.exception_decide(p_token bytea, p_now timestamptz, p_exception_id int8, p_agree bool, p_reason text, p_codes int4[], p_pay_token bytea)
returns table (rc int2, why text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set join_collapse_limit = 1
as $f$
#variable_conflict use_column
declare
    v_login record;
    x khop.exception;
    m khop.match;
    d record;
    v_code int4;
    v_what text;
    v_from int4;
    v_amount int8;
    b record;
begin
    select l.* into v_login from khop.login(p_token, p_now, case when p_agree then 16 | 128 else 4 | 16 | 128 end) l;
    if v_login.rc = 0 and p_agree then
        select l.* into v_login from khop.login_fresh(p_token, p_now, 16 | 128) l;
    end if;
    rc := v_login.rc;
    if rc = 0 then
        perform khop.book_lock(v_login.bucket, v_login.org_id);
        select e.* into x from khop.exception e where e.bucket = v_login.bucket and e.exception_id = p_exception_id and e.org_id = v_login.org_id;
        select t.* into m from khop.match t where t.bucket = v_login.bucket and t.match_id = x.proposal;
        v_what := m.evidence ->> 'what';
        v_from := (m.evidence ->> 'from')::int4;
        v_amount := (m.evidence ->> 'amount')::int8;
        if x.exception_id is null then
            rc := -4;
        elsif x.state <> 'proposed' or m.match_id is null then
            rc := -5;
            why := 'state';
        elsif p_agree and m.actor = v_login.token_id then
            rc := -7;
            why := 'person';
        elsif p_agree and v_what = 'refund' and v_amount > coalesce(case v_from
                when 3388 then x.held
                when 131 then (select d.paid + d.adjusted from khop.charge_due d where d.bucket = v_login.bucket and d.code_no = (m.evidence ->> 'code')::int4)
                else (select c.amount from khop.credit c where c.bucket = v_login.bucket and c.payer_id = (m.evidence ->> 'payer')::int8) end, 0) then
            rc := -5;
            why := 'sum';
        end if;
    end if;
    if rc <> 0 then
        return next;
        return;
    end if;

    if p_agree and v_what = 'refund' then
        rc := -13;
        foreach v_code in array p_codes loop
            insert into khop.charge_due (bucket, code_no, charge_id, org_id, account_id, due, direction)
            values (v_login.bucket, v_code, (m.evidence ->> 'charge')::int8, v_login.org_id, x.account_id, v_amount, 2)
            on conflict do nothing;
            if found then
                rc := 0;
                exit;
            end if;
        end loop;
        if rc <> 0 then
            return next;
            return;
        end if;
        insert into khop.charge (bucket, charge_id, org_id, account_id, code_no, kind, amount, label, token, created_at, created_by)
        values (v_login.bucket, (m.evidence ->> 'charge')::int8, v_login.org_id, x.account_id, v_code, 'P', v_amount, 'Hoàn tiền', p_pay_token, p_now, m.actor);
    end if;
    if p_agree and v_what in ('correct', 'take_back', 'offset') then
        select r.rc, r.why into b
          from khop.correct_apply(v_login.bucket, v_login.org_id, p_now, p_exception_id, m.evidence ->> 'found', m.match_id, v_login.token_id, m.actor,
               coalesce(p_reason, m.reason), p_pay_token) r;
        why := b.why;
    elsif p_agree and v_what = 'reverse' then
        select r.rc, null::int8 as match_id into b
          from khop.match_reverse(v_login.bucket, v_login.org_id, p_now, p_exception_id, 'reverse', (m.evidence ->> 'match')::int8, v_login.token_id, m.actor,
               coalesce(p_reason, m.reason)) r;
    else
        -- A refusal writes no row, a refund one of kind 6, a write-off one of kind 9.
        select array_agg(r.kind) as kind, array_agg(r.origin) as origin, array_agg(r.amount) as amount, array_agg(r.of_seq) as of_seq, array_agg(r.code) as code,
               array_agg(r.payer) as payer, array_agg(r.to_code) as to_code, array_agg(null::bytea) as rid
          into d
          from (select case v_what when 'refund' then 6 else 9 end::int2 as kind, v_from as origin, v_amount as amount,
                       case when v_what = 'write_off' or v_from = 3388 then x.seq end as of_seq, case when v_from = 131 then (m.evidence ->> 'code')::int4 end as code,
                       (m.evidence ->> 'payer')::int8 as payer, v_code as to_code) r
         where p_agree;
        select y.rc, y.match_id into b
          from khop.book(v_login.bucket, v_login.org_id, p_now, p_exception_id, case when p_agree then v_what else 'refuse' end, 'person', 1::int2, m.match_id,
               v_login.token_id, case when p_agree then m.actor end, coalesce(p_reason, m.reason), '{}', d.kind, d.origin, d.amount, d.of_seq, d.code, d.payer, d.to_code,
               d.rid) y;
    end if;
    rc := b.rc;
    why := case b.rc when -5 then coalesce(why, 'sum') end;
    if rc <> 0 and v_what = 'refund' and p_agree then
        raise exception 'the books refuse a refund that they allow (%)', rc; -- a fault of ours: nothing of it stays
    elsif rc <> 0 then
        return next;
        return;
    end if;
    perform khop.audit_add(p_token, p_now, v_what || case when p_agree then '.approve' else '.refuse' end, p_exception_id::text, 'ok', p_reason);
    return next;
end $f$;
alter function khop.exception_decide owner to khop_fn_org;
revoke all on function khop.exception_decide from public;
grant execute on function khop.exception_decide to khop_serve;
comment on function khop.exception_decide is 'A second person agrees to what was proposed about an exception, or does not';
