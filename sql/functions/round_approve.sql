-- The principal approves a round: from now on its charges are issued (round_issue). Approving twice is the same.
-- rc -1 it goes above a ceiling and no reason was given, -4 none of theirs, -5 it is not waiting for approval, -7 also: whoever made or proposed
-- it may not
-- approve it, -13 the ids behind p_random are not free, come again with another.
create or replace function khop.round_approve(p_token bytea, p_now timestamptz, p_round_id int8, p_reason text,
    p_random int8) returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_login record;
    v_round khop.round;
    v_base int8;
begin
    select * into v_login from khop.login(p_token, p_now, 16);
    rc := v_login.rc;
    if rc = 0 then
        perform khop.head_lock(v_login.bucket, v_login.org_id);
        select * into v_round from khop.round r where r.bucket = v_login.bucket and r.round_id = p_round_id and r.org_id = v_login.org_id;
        v_base := v_login.bucket::int8 << 48 | (p_random & ((1::int8 << 47) - 1));
        rc := case when v_round.round_id is null then -4
                   when v_round.state = 'approved' then 0
                   when v_round.state <> 'proposed' then -5
                   when v_login.token_id in (v_round.created_by, v_round.proposed_by) then -7
                   when coalesce(p_reason, '') = '' and khop.round_above(v_login.bucket, p_round_id) <> '[]' then -1
                   when exists (select 1 from khop.charge c where c.bucket = v_login.bucket and c.charge_id between v_base
                       and v_base + v_round.payers) then -13
                   else 0 end;
    end if;
    if rc = 0 and v_round.state = 'proposed' then
        update khop.round r set state = 'approved', approved_at = p_now, approved_by = v_login.token_id, reason = nullif(p_reason, ''),
            charge_base = v_base, changed_at = p_now
         where r.bucket = v_login.bucket and r.round_id = p_round_id;
        perform khop.audit_add(p_token, p_now, 'round.approve', khop.id_text('rnd', p_round_id), 'ok', format('payers=%s amount=%s',
            v_round.charges, v_round.amount));
    end if;
    doc := case when rc = 0 then khop.round_doc(v_login.bucket, p_round_id) end;
    return next;
end $f$;
alter function khop.round_approve owner to khop_fn_org;
revoke all on function khop.round_approve from public;
grant execute on function khop.round_approve to khop_serve;
comment on function khop.round_approve is 'Approves a round of fees';
