-- Sets up a second factor whose first code (of p_step) has come, with its recovery codes: by a session that owes it, or a fresh one. The session
-- gets a new secret and is complete; all others of the person end.
-- rc -6: no such session, -14: not fresh.
create or replace function khop.factor_set(p_token bytea, p_now timestamptz, p_sealed bytea, p_step int8, p_codes bytea[], p_hash bytea, p_req text)
returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_session khop.session;
    v_user khop.app_user;
begin
    v_session := khop.session_find(p_token, p_now);
    select * into v_user from khop.app_user u where u.user_id = v_session.user_id for update;
    rc := case when v_session.session_id is null then -6
               when v_session.stage = 1 and v_user.totp_sealed is not null then -6
               when v_session.stage = 2 and v_session.fresh_at <= p_now - interval '5 minutes' then -14 else 0 end;
    if rc = 0 then
        update khop.app_user u set totp_sealed = p_sealed, totp_step = p_step, changed_at = p_now,
               signed_in_at = case v_session.stage when 1 then p_now else u.signed_in_at end
         where u.user_id = v_user.user_id;
        delete from khop.recovery_code c where c.user_id = v_user.user_id;
        insert into khop.recovery_code (user_id, code_hash) select v_user.user_id, x.h from unnest(p_codes) x (h) on conflict do nothing;
        perform khop.sessions_end(v_user.user_id, p_now, p_token);
        perform khop.session_begin(v_user.user_id, v_session.org_id, v_session.role, p_now, p_token, p_hash, null, false, null, null);
        perform khop.audit_put(v_session.bucket, v_session.org_id, p_now, v_user.user_id, left(encode(p_hash, 'hex'), 8), v_session.ip, p_req,
                'factor.set', null, 'ok', null);
    end if;
    return next;
end $f$;
alter function khop.factor_set owner to khop_owner;
revoke all on function khop.factor_set from public;
grant execute on function khop.factor_set to khop_serve;
comment on function khop.factor_set is 'Sets up a second factor';
