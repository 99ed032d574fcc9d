-- Cancels a round: what nothing has been paid on is cancelled, what was paid stays as it is, and nothing more is issued. Twice is the same.
-- rc -4: none of theirs.
create or replace function khop.round_cancel(p_token bytea, p_now timestamptz, p_round_id int8, p_reason text) returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set join_collapse_limit = 1
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $f$
declare
    v_login record;
    v_round khop.round;
    v_ids int8[];
begin
    select * into v_login from khop.login(p_token, p_now, 4 | 16);
    rc := v_login.rc;
    if rc = 0 then
        perform khop.head_lock(v_login.bucket, v_login.org_id);
        select * into v_round from khop.round r where r.bucket = v_login.bucket and r.round_id = p_round_id and r.org_id = v_login.org_id;
        rc := case when v_round.round_id is null then -4 else 0 end;
    end if;
    if rc = 0 and v_round.state <> 'cancelled' then
        update khop.round r set state = 'cancelled', cancelled_at = p_now, cancelled_by = v_login.token_id, note = p_reason, changed_at = p_now
         where r.bucket = v_login.bucket and r.round_id = p_round_id;
        with gone as (
            update khop.charge_due d set cancelled = true
              from (select p.bucket, p.code_no from khop.round_payer p
                     where p.bucket = v_login.bucket and p.round_id = p_round_id and p.code_no is not null offset 0) x
             where d.bucket = x.bucket and d.code_no = x.code_no and d.paid = 0 and d.adjusted = 0 and not d.cancelled
            returning d.charge_id)
        select array_agg(g.charge_id) into v_ids from gone g;
        update khop.charge c set cancelled_at = p_now, cancelled_by = v_login.token_id, cancel_reason = p_reason
          from (select v_login.bucket, u.id from unnest(v_ids) u (id) offset 0) x where c.bucket = x.bucket and c.charge_id = x.id;
        perform khop.audit_add(p_token, p_now, 'round.cancel', khop.id_text('rnd', p_round_id), 'ok', format('charges=%s',
            coalesce(cardinality(v_ids), 0)));
    end if;
    doc := case when rc = 0 then khop.round_doc(v_login.bucket, p_round_id) end;
    return next;
end $f$;
alter function khop.round_cancel owner to khop_fn_org;
revoke all on function khop.round_cancel from public;
grant execute on function khop.round_cancel to khop_serve;
comment on function khop.round_cancel is 'Cancels a round and its unpaid charges';
