-- What the accountant does about an exception of the token's organisation.
--   split     parts of what is held, to charges (p_charges or p_codes, with p_amounts) and, with p_credit, to the credit of p_payer. A single charge
--             without an amount is a link: it gets what it needs, its payer's credit the rest. Money that came in for a payout reopens it, money that went out for a
--             fee takes its payment back.
--   credit    all that is held, or what a charge was paid too much, to the credit of p_payer (or of the charge's payer)
--   refund    p_amount (or all that is held) of it back to the payee: proposed, a second person agrees
--   dismiss   with a reason: an item that holds nothing; what is held is proposed as other income or other expense
--   reverse   of something that was resolved on a day that is closed since: proposed
-- Proposals need a login that is fresh. rc 0; -1 what is missing is named in `why`; -4 not theirs; -5 the state or the sums do not allow it: `why` says
-- state, sum, charge, payer, credit; -14 as login_fresh.
create or replace function khop.exception_resolve(
    p_token bytea, p_now timestamptz, p_exception_id int8, p_action text, p_charges int8[], p_codes int4[], p_amounts int8[], p_payer int8, p_credit int8, p_amount int8,
    p_reason text, p_random int8, p_rids bytea[], p_payee_bin text, p_payee_account_no text, p_payee_name text)
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
    v_action text := p_action;
    x khop.exception;
    m khop.match;
    c record;
    d record;
    b record;
    v_left int8;
    v_payer int8 := p_payer;
    v_charge_id int8;
    v_evidence jsonb := '{}';
    k_kind int2[];
    k_amount int8[];
    k_code int4[];
begin
    select l.* into v_login from khop.login(p_token, p_now, 4) l;
    if v_login.rc = 0 then
        select e.* into x from khop.exception e where e.bucket = v_login.bucket and e.exception_id = p_exception_id and e.org_id = v_login.org_id;
        v_login.rc := case when x.exception_id is null then -4 else 0 end;
    end if;
    if v_login.rc = 0 and (p_action in ('refund', 'reverse') or p_action = 'dismiss' and x.held > 0) then
        select l.* into v_login from khop.login_fresh(p_token, p_now, 4) l;
    end if;
    if v_login.rc = 0 then
        perform khop.book_lock(v_login.bucket, v_login.org_id);
        select e.* into x from khop.exception e where e.bucket = v_login.bucket and e.exception_id = p_exception_id;
    end if;
    rc := v_login.rc;
    if rc = 0 and (x.state <> 'open' or x.pending) and not (p_action = 'reverse' and x.state = 'resolved') then
        rc := -5;
        why := 'state';
    elsif rc = 0 and p_action in ('dismiss', 'reverse') and coalesce(p_reason, '') = '' then
        rc := -1;
        why := 'reason';
    end if;
    if rc <> 0 then
        return next;
        return;
    end if;
    v_left := x.held;
    select d.charge_id, d.code_no, d.due, d.paid + d.adjusted as paid, g.payer_id into c
      from (select 1) one
      left join lateral (select d.* from khop.charge_due d where d.bucket = v_login.bucket and d.code_no = x.code_no and d.org_id = v_login.org_id limit 1) d on true
      left join lateral (select g.payer_id from khop.charge g where g.bucket = v_login.bucket and g.charge_id = d.charge_id limit 1) g on true;

    if p_action = 'split' then
        -- Charges as they are; without an amount, what is still needed, at most what is held.
        select array_agg(case when t.direction = x.direction then 3 else 8 end::int2 order by p.o) as kind,
               array_agg(coalesce(p.amount, case when t.direction = x.direction then least(v_left, t.due - t.paid - t.adjusted) end, v_left) order by p.o) as amount,
               array_agg(t.code_no order by p.o) as code, count(*)::int4 as n, count(t.code_no)::int4 as found, min(t.payer_id) as payer,
               bool_or(p.amount is null) as link
          into d
          from unnest(p_charges, p_codes, p_amounts) with ordinality p (charge, code, amount, o)
          left join lateral (
               select d.*, h.payer_id
                 from (select coalesce(p.code, (select g.code_no from khop.charge g where g.bucket = v_login.bucket and g.charge_id = p.charge limit 1)) as code) g
                 join lateral (select d.* from khop.charge_due d where d.bucket = v_login.bucket and d.code_no = g.code limit 1) d on d.org_id = v_login.org_id
                 join lateral (select h.* from khop.charge h where h.bucket = v_login.bucket and h.charge_id = d.charge_id limit 1) h on true) t on true;
        k_kind := d.kind;
        k_amount := d.amount;
        k_code := d.code;
        if d.n > 0 and d.found <> d.n then
            rc := -4;
            why := 'charge';
        elsif d.n = 0 and coalesce(p_credit, 0) = 0 or x.held = 0 or d.link and (d.n > 1 or d.amount[1] <= 0) then
            rc := -5;
            why := 'sum';
        else
            v_left := x.held - coalesce((select sum(a) from unnest(d.amount) a), 0);
            v_action := case when d.kind = array[8::int2] then 'return' when d.link then 'link' else 'split' end;
            v_payer := coalesce(p_payer, d.payer);
            v_left := case when d.link then v_left else coalesce(p_credit, 0) end;
            if v_left > 0 and (v_payer is null or x.direction = 2) then
                rc := -5;
                why := 'payer';
            end if;
        end if;
    elsif p_action = 'credit' then
        v_payer := coalesce(p_payer, c.payer_id);
        v_left := case when x.held > 0 then coalesce(p_amount, x.held) else coalesce(p_amount, c.paid - c.due) end;
        if v_payer is null then
            rc := -5;
            why := 'payer';
        elsif coalesce(v_left, 0) <= 0 or x.direction = 2 then
            rc := -5;
            why := 'sum';
        end if;
    elsif p_action = 'refund' then
        v_left := coalesce(p_amount, case when x.held > 0 then x.held else c.paid - c.due end);
        if coalesce(v_left, 0) <= 0 or x.direction = 2 or x.held > 0 and v_left > x.held or x.held = 0 and v_left > coalesce(c.paid, 0) then
            rc := -5;
            why := 'sum';
        elsif p_payee_bin is null or p_payee_account_no is null or p_payee_name is null then
            rc := -1;
            why := 'payee';
        end if;
        -- The payee stands with the persons, where it can be erased; the payout code is issued when somebody else has agreed.
        v_charge_id := v_login.bucket::int8 << 48 | (p_random & ((1::int8 << 48) - 1));
        v_evidence := jsonb_build_object('what', 'refund', 'amount', v_left, 'from', case when x.held > 0 then 3388 else 131 end, 'code', x.code_no,
            'charge', v_charge_id);
        v_action := 'propose';
    elsif p_action = 'dismiss' then
        if x.held > 0 then
            v_evidence := jsonb_build_object('what', 'write_off', 'amount', x.held);
            v_action := 'propose';
        end if;
    elsif p_action = 'reverse' then
        select t.* into m from khop.match t
         where t.bucket = v_login.bucket and t.exception_id = p_exception_id and t.first_seq is not null order by t.match_id desc limit 1;
        if m.match_id is null or m.action in ('undo', 'reverse', 'correct', 'take_back') then
            rc := -5;
            why := 'state';
        end if;
        v_evidence := jsonb_build_object('what', 'reverse', 'match', m.match_id);
        v_action := 'propose';
    else
        rc := -1;
        why := 'action';
    end if;
    if rc <> 0 then
        return next;
        return;
    end if;

    if v_action in ('propose', 'dismiss') then
        select * into b from khop.book(v_login.bucket, v_login.org_id, p_now, p_exception_id, v_action, 'person', 1::int2, null, v_login.token_id, null, p_reason,
            v_evidence, null, null, null, null, null, null, null, null);
        if b.rc = 0 and p_action = 'refund' then
            insert into khop.party (bucket, charge_id, role, org_id, ref, name, bin, account_no)
            values (v_login.bucket, v_charge_id, 2, v_login.org_id, null, p_payee_name, p_payee_bin, p_payee_account_no);
        end if;
    else
        select array_agg(r.kind order by r.o) as kind, array_agg(r.origin order by r.o) as origin, array_agg(r.amount order by r.o) as amount,
               array_agg(r.of_seq order by r.o) as of_seq, array_agg(r.code order by r.o) as code, array_agg(r.payer order by r.o) as payer,
               array_agg(null::int4) as to_code, array_agg(p_rids[r.o] order by r.o) as rid
          into d
          from (select p.o::int4 as o, p.kind, null::int4 as origin, p.amount, x.seq as of_seq, p.code, null::int8 as payer
                  from unnest(k_kind, k_amount, k_code) with ordinality p (kind, amount, code, o)
                union all
                select 30, 4::int2, case when x.held > 0 then 3388 else 131 end, v_left, case when x.held > 0 then x.seq end,
                       case when x.held = 0 then x.code_no end, v_payer
                 where v_left > 0) r;
        select * into b from khop.book(v_login.bucket, v_login.org_id, p_now, p_exception_id, v_action, 'person', 1::int2, null, v_login.token_id, null, p_reason,
            jsonb_build_object('held', x.held), d.kind, d.origin, d.amount, d.of_seq, d.code, d.payer, d.to_code, d.rid);
    end if;
    rc := b.rc;
    why := case b.rc when -5 then 'sum' when -4 then 'payer' end;
    if rc = 0 and v_action in ('propose', 'dismiss') then
        perform khop.audit_add(p_token, p_now, case v_action when 'dismiss' then 'exception.dismiss' else (v_evidence ->> 'what') || '.request' end,
            p_exception_id::text, 'ok', p_reason);
    end if;
    return next;
end $f$;
alter function khop.exception_resolve owner to khop_fn_org;
revoke all on function khop.exception_resolve from public;
grant execute on function khop.exception_resolve to khop_serve;
comment on function khop.exception_resolve is 'What the accountant does about an exception';
