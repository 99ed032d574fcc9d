-- Goes on as something else that the person is: another role or organisation. The session gets a new secret. `next` "enrol": it owes setting up a
-- second factor now, which that role needs (p_required).
-- rc -6: no such session, -4: the person is no such thing.
create or replace function khop.session_switch(p_token bytea, p_now timestamptz, p_org_id int8, p_role text, p_required bool, p_hash bytea,
        p_req text)
returns table (rc int2, next text)
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
    select * into v_user from khop.app_user u where u.user_id = v_session.user_id;
    rc := case when v_session.session_id is null or v_session.stage <> 2 then -6
               when not exists (select 1 from khop.membership m where m.user_id = v_user.user_id and m.org_id = p_org_id and m.role = p_role
                                   and m.ended_at is null) then -4 else 0 end;
    if rc = 0 then
        next := case when p_required and khop.role_factor(p_role) and v_user.totp_sealed is null then 'enrol' else 'done' end;
        update khop.session s set session_hash = p_hash, stage = case next when 'enrol' then 1 else 2 end, org_id = p_org_id, role = p_role,
               bucket = o.bucket, scopes = khop.role_scopes(p_role), idle_s = case when p_role = 'vendor' then 3600 else 900 end, seen_at = p_now
          from khop.org o where s.session_id = v_session.session_id and o.org_id = p_org_id;
        perform khop.audit_put(o.bucket, o.org_id, p_now, v_user.user_id, left(encode(p_hash, 'hex'), 8), v_session.ip, p_req, 'session.switch',
                null, 'ok', p_role)
           from khop.org o where o.org_id = p_org_id;
    end if;
    return next;
end $f$;
alter function khop.session_switch owner to khop_owner;
revoke all on function khop.session_switch from public;
grant execute on function khop.session_switch to khop_serve;
comment on function khop.session_switch is 'Goes on as something else that the person is';
