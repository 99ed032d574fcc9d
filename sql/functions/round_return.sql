-- A round goes back to whoever made it, with a note. Whoever may approve may send back, and whoever made it may take back.
-- rc -4 none of theirs, -5 it is not waiting for approval.
create or replace function khop.round_return(p_token bytea, p_now timestamptz, p_round_id int8, p_note text) returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_login record;
    v_round khop.round;
begin
    select * into v_login from khop.login(p_token, p_now, 2 | 4 | 16);
    rc := v_login.rc;
    if rc = 0 then
        perform khop.head_lock(v_login.bucket, v_login.org_id);
        select * into v_round from khop.round r where r.bucket = v_login.bucket and r.round_id = p_round_id and r.org_id = v_login.org_id;
        rc := case when v_round.round_id is null then -4 when v_round.state = 'proposed' then 0 else -5 end;
    end if;
    if rc = 0 then
        update khop.round r set state = 'draft', proposed_at = null, proposed_by = null, note = p_note, changed_at = p_now
         where r.bucket = v_login.bucket and r.round_id = p_round_id;
        perform khop.audit_add(p_token, p_now, 'round.return', khop.id_text('rnd', p_round_id), 'ok', null);
        doc := khop.round_doc(v_login.bucket, p_round_id);
    end if;
    return next;
end $f$;
alter function khop.round_return owner to khop_fn_org;
revoke all on function khop.round_return from public;
grant execute on function khop.round_return to khop_serve;
comment on function khop.round_return is 'Sends a round back';
