-- A draft is ready: it waits for the principal. Proposing twice is the same. rc -4 none of theirs, -5 it is no draft, or asks nobody for anything.
create or replace function khop.round_propose(p_token bytea, p_now timestamptz, p_round_id int8) returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_login record;
    v_round khop.round;
begin
    select * into v_login from khop.login(p_token, p_now, 2 | 4);
    rc := v_login.rc;
    if rc = 0 then
        perform khop.head_lock(v_login.bucket, v_login.org_id);
        select * into v_round from khop.round r where r.bucket = v_login.bucket and r.round_id = p_round_id and r.org_id = v_login.org_id;
        rc := case when v_round.round_id is null then -4 when v_round.state = 'draft' and v_round.charges > 0 or v_round.state = 'proposed' then 0
            else -5 end;
    end if;
    if rc = 0 and v_round.state = 'draft' then
        perform khop.round_reckon(v_login.bucket, p_round_id); -- what the state pays may have been used meanwhile
        update khop.round r set state = 'proposed', proposed_at = p_now, proposed_by = v_login.token_id, note = null, changed_at = p_now
         where r.bucket = v_login.bucket and r.round_id = p_round_id;
        perform khop.audit_add(p_token, p_now, 'round.propose', khop.id_text('rnd', p_round_id), 'ok', null);
    end if;
    doc := case when rc = 0 then khop.round_doc(v_login.bucket, p_round_id) end;
    return next;
end $f$;
alter function khop.round_propose owner to khop_fn_org;
revoke all on function khop.round_propose from public;
grant execute on function khop.round_propose to khop_serve;
comment on function khop.round_propose is 'Puts a round before the principal';
