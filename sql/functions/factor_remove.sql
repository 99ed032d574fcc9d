-- Takes the second factor off, by its owner in a fresh session. The session gets a new secret, the others end.
-- rc -5: one of the roles needs it (p_required), -6 no such session, -14 not fresh.
create or replace function khop.factor_remove(p_token bytea, p_now timestamptz, p_required bool, p_hash bytea, p_req text)
returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_session khop.session;
begin
    v_session := khop.session_find(p_token, p_now);
    rc := case when v_session.session_id is null or v_session.stage <> 2 then -6
               when v_session.fresh_at <= p_now - interval '5 minutes' then -14
               when p_required and exists (select 1 from khop.membership m where m.user_id = v_session.user_id and m.ended_at is null
                                              and khop.role_factor(m.role)) then -5 else 0 end;
    if rc = 0 then
        update khop.app_user u set totp_sealed = null, totp_step = 0, changed_at = p_now where u.user_id = v_session.user_id;
        delete from khop.recovery_code c where c.user_id = v_session.user_id;
        perform khop.sessions_end(v_session.user_id, p_now, p_token);
        perform khop.session_begin(v_session.user_id, v_session.org_id, v_session.role, p_now, p_token, p_hash, null, false, null, null);
        perform khop.audit_put(v_session.bucket, v_session.org_id, p_now, v_session.user_id, left(encode(p_hash, 'hex'), 8), v_session.ip, p_req,
                'factor.remove', null, 'ok', null);
    end if;
    return next;
end $f$;
alter function khop.factor_remove owner to khop_owner;
revoke all on function khop.factor_remove from public;
grant execute on function khop.factor_remove to khop_serve;
comment on function khop.factor_remove is 'Takes the second factor off';
