-- Takes back the last thing that was done about an exception, for as long as its day is open: rows are reversed, receipts become void, the payout
-- code of a refund is cancelled, and the money waits again; no rule tries it a second time. An event that was reversed because no statement has it is entered again
-- (correct_again), with p_rid for its receipt.
-- rc 0; -1 without a reason; -4 not theirs; -5, `why`: state (there is nothing to undo), day (it was booked on a day that is closed: reverse it with a
-- second person), used (something rests on it: credit that was used, a refund that was paid), final (it follows what the bank itself says).
create or replace function khop.exception_undo(p_token bytea, p_now timestamptz, p_exception_id int8, p_reason text, p_rid bytea)
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
    v_day date;
    v_payout khop.charge_due;
begin
    select l.* into v_login from khop.login(p_token, p_now, 4) l;
    rc := v_login.rc;
    if rc = 0 then
        perform khop.book_lock(v_login.bucket, v_login.org_id);
        select e.* into x from khop.exception e where e.bucket = v_login.bucket and e.exception_id = p_exception_id and e.org_id = v_login.org_id;
        select t.* into m from khop.exception_matches(v_login.bucket, v_login.org_id, p_exception_id, x.seq) t
         where t.action not in ('none', 'propose', 'refuse') order by t.match_id desc limit 1;
        select min(t.booked_on) into v_day from khop.transfer t
         where t.bucket = v_login.bucket and t.org_id = v_login.org_id and t.seq between m.first_seq and m.last_seq;
        select d.* into v_payout
          from (select a.to_code from khop.act a
                 where a.bucket = v_login.bucket and a.org_id = v_login.org_id and a.seq = m.first_seq and m.action = 'refund' limit 1) a
          join lateral (select d.* from khop.charge_due d where d.bucket = v_login.bucket and d.code_no = a.to_code limit 1) d on true;
        if x.exception_id is null then
            rc := -4;
        elsif coalesce(p_reason, '') = '' then
            rc := -1;
            why := 'reason';
        elsif m.match_id is null or m.action in ('undo', 'reverse') or x.state = 'proposed' then
            rc := -5;
            why := 'state';
        elsif m.action = 'take_back' or m.evidence ->> 'what' = 'amount' then
            rc := -5;
            why := 'final';
        elsif v_day < (select h.open_day from khop.org_head h where h.bucket = v_login.bucket and h.org_id = v_login.org_id) then
            rc := -5;
            why := 'day';
        elsif v_payout.paid + v_payout.adjusted > 0 then
            rc := -5;
            why := 'used';
        end if;
    end if;
    if rc <> 0 then
        return next;
        return;
    end if;
    if m.action = 'correct' then
        select r.rc into rc from khop.correct_again(v_login.bucket, v_login.org_id, p_now, p_exception_id, m.match_id, v_login.token_id, p_reason, p_rid) r;
    else
        select r.rc into rc from khop.match_reverse(v_login.bucket, v_login.org_id, p_now, m.exception_id, 'undo', m.match_id, v_login.token_id, null, p_reason) r;
    end if;
    if rc = 0 and v_payout.code_no is not null then
        update khop.charge_due d set cancelled = true where d.bucket = v_login.bucket and d.code_no = v_payout.code_no;
        update khop.charge c set cancelled_at = p_now, cancelled_by = v_login.token_id, cancel_reason = p_reason
         where c.bucket = v_login.bucket and c.charge_id = v_payout.charge_id;
    end if;
    if rc = 0 then
        perform khop.audit_add(p_token, p_now, 'exception.undo', p_exception_id::text, 'ok', p_reason);
    end if;
    why := case rc when -5 then 'used' end;
    return next;
end $f$;
alter function khop.exception_undo owner to khop_fn_org;
revoke all on function khop.exception_undo from public;
grant execute on function khop.exception_undo to khop_serve;
comment on function khop.exception_undo is 'Takes back the last thing that was done about an exception';
