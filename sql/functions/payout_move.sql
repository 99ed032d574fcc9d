-- A list on its way, p_to: submitted (by who may make lists; -1 it has no line), draft (sent back by who may check them, with a note), cancelled
-- (a draft is given up by who may make lists; what it had carried over is free again). Twice is the same.
-- rc -4 none of theirs, -5 it is not where it would have to be.
create or replace function khop.payout_move(p_token bytea, p_now timestamptz, p_payout_id int8, p_to text, p_note text)
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
    v_from constant text := case p_to when 'draft' then 'submitted' else 'draft' end;
begin
    select * into v_login from khop.login(p_token, p_now, case p_to when 'draft' then 128 else 64 end);
    rc := v_login.rc;
    if rc = 0 then
        perform khop.head_lock(v_login.bucket, v_login.org_id);
        select * into v_payout from khop.payout p where p.bucket = v_login.bucket and p.payout_id = p_payout_id and p.org_id = v_login.org_id;
        rc := case when v_payout.payout_id is null then -4 when v_payout.state not in (v_from, p_to) then -5
                   when p_to = 'submitted' and v_payout.lines = 0 then -1 else 0 end;
    end if;
    if rc = 0 and v_payout.state = v_from then
        if p_to = 'cancelled' then
            update khop.payout_line l set from_payout = null, from_place = null
             where l.bucket = v_login.bucket and l.payout_id = p_payout_id and l.from_payout is not null;
        end if;
        update khop.payout p
           set state = p_to, changed_at = p_now, note = case p_to when 'draft' then nullif(p_note, '') else p.note end,
               submitted_at = case p_to when 'submitted' then p_now else p.submitted_at end,
               submitted_by = case p_to when 'submitted' then v_login.token_id else p.submitted_by end
         where p.bucket = v_login.bucket and p.payout_id = p_payout_id;
        perform khop.audit_add(p_token, p_now, 'payout.' || p_to, khop.id_text('lst', p_payout_id), 'ok', null);
    end if;
    doc := case when rc = 0 then khop.payout_doc(v_login.bucket, p_payout_id) end;
    return next;
end
$f$;
alter function khop.payout_move owner to khop_fn_org;
revoke all on function khop.payout_move from public;
grant execute on function khop.payout_move to khop_serve;
comment on function khop.payout_move is 'Submits a payout list, sends it back or gives it up';
