-- A second person approves a list: from now on its codes are issued (payout_issue). The codes of what it takes over from earlier lists are
-- cancelled: money that still goes out on one of them is shown to a person instead of paying twice unseen. Approving twice is the same.
-- rc -1 a line that was taken over has been paid meanwhile: send it back; -4 none of theirs, -5 it is not submitted, -7 also: whoever made or
-- submitted it may not approve it, -13 the ids behind p_random are not free, come again with another, -14 who is it? (login_fresh)
create or replace function khop.payout_approve(p_token bytea, p_now timestamptz, p_payout_id int8, p_random int8)
returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $f$
declare
    v_login record;
    v_payout khop.payout;
    v_base int8;
    v_old int4[];
begin
    select * into v_login from khop.login_fresh(p_token, p_now, 128);
    rc := v_login.rc;
    if rc = 0 then
        perform khop.head_lock(v_login.bucket, v_login.org_id);
        select * into v_payout from khop.payout p where p.bucket = v_login.bucket and p.payout_id = p_payout_id and p.org_id = v_login.org_id;
        v_base := v_login.bucket::int8 << 48 | (p_random & ((1::int8 << 47) - 1));
        rc := case when v_payout.payout_id is null then -4
                   when v_payout.state = 'approved' then 0
                   when v_payout.state <> 'submitted' then -5
                   when v_login.token_id in (v_payout.created_by, v_payout.submitted_by) then -7
                   when exists (select from khop.charge c where c.bucket = v_login.bucket and c.charge_id between v_base and v_base + v_payout.lines) then -13
                   else 0 end;
    end if;
    if rc = 0 and v_payout.state = 'submitted' then
        v_old := array(
            select o.code_no from khop.payout_line l
              join lateral (select x.code_no from khop.payout_line x
                             where x.bucket = v_login.bucket and x.payout_id = l.from_payout and x.place = l.from_place limit 1) o on true
             where l.bucket = v_login.bucket and l.payout_id = p_payout_id and l.from_payout is not null);
        if exists (select from unnest(v_old) o (code)
                     join lateral (select d.* from khop.charge_due d where d.bucket = v_login.bucket and d.code_no = o.code limit 1) d
                       on d.paid + d.adjusted > 0) then
            rc := -1;
        end if;
    end if;
    if rc = 0 and v_payout.state = 'submitted' then
        update khop.charge c set cancelled_at = p_now, cancelled_by = v_login.token_id, cancel_reason = khop.id_text('lst', p_payout_id)
          from khop.charge_due d where d.bucket = v_login.bucket and d.code_no = any (v_old) and d.paid = 0 and not d.cancelled
           and c.bucket = v_login.bucket and c.charge_id = d.charge_id;
        update khop.charge_due d set cancelled = true where d.bucket = v_login.bucket and d.code_no = any (v_old) and d.paid = 0 and not d.cancelled;
        update khop.payout p set state = 'approved', approved_at = p_now, approved_by = v_login.token_id, charge_base = v_base, changed_at = p_now
         where p.bucket = v_login.bucket and p.payout_id = p_payout_id;
        perform khop.audit_add(p_token, p_now, 'payout.approve', khop.id_text('lst', p_payout_id), 'ok', format('lines=%s amount=%s', v_payout.lines,
            v_payout.amount));
    end if;
    doc := case when rc = 0 then khop.payout_doc(v_login.bucket, p_payout_id) end;
    return next;
end
$f$;
alter function khop.payout_approve owner to khop_fn_org;
revoke all on function khop.payout_approve from public;
grant execute on function khop.payout_approve to khop_serve;
comment on function khop.payout_approve is 'Approves a payout list';
