-- Uses a link: makes the person with the password that was chosen (p_password), sets a new password, or adds the role to the person of the session
-- p_token, who has that login. `next` as in sign_in_end; a session begins, but not where one goes on (then next is "here").
-- rc -4: no such link, -5: the login is somebody's who has not signed in, -6: the session is somebody else's.
create or replace function khop.invitation_accept(p_hash bytea, p_now timestamptz, p_token bytea, p_random int8, p_password text, p_pepper int2,
        p_session_hash bytea, p_session_random int8, p_required bool, p_ip text, p_agent text, p_req text)
returns table (rc int2, next text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_link khop.invitation;
    v_user khop.app_user;
    v_session khop.session;
    v_role text;
begin
    select * into v_link from khop.invitation i
     where i.token_hash = p_hash and i.used_at is null and i.ended_at is null and i.expires_at > p_now for update;
    select * into v_user from khop.app_user u where u.login = v_link.login;
    v_session := khop.session_find(p_token, p_now);
    rc := case when v_link.invitation_id is null then -4
               when v_link.purpose = 'reset' then case when v_user.user_id is null or v_user.disabled_at is not null then -4 else 0 end
               when v_user.user_id is null then 0
               when v_session.session_id is null or v_session.stage <> 2 then -5
               when v_session.user_id <> v_user.user_id then -6 else 0 end;
    if rc <> 0 then
        return next;
        return;
    end if;
    update khop.invitation i set used_at = p_now where i.invitation_id = v_link.invitation_id;
    v_role := coalesce(v_link.role, (select m.role from khop.membership m where m.user_id = v_user.user_id and m.org_id = v_link.org_id and m.ended_at is null
                                      order by m.created_at limit 1));
    if v_link.purpose = 'reset' then
        if v_role is null then
            rc := -4;
            return next;
            return;
        end if;
        update khop.app_user u set password = p_password, pepper = p_pepper, changed_at = p_now where u.user_id = v_user.user_id;
        perform khop.sessions_end(v_user.user_id, p_now, null);
    else
        if v_user.user_id is null then
            insert into khop.app_user (user_id, login, name, password, pepper, created_at, changed_at)
            values (p_random & ((1::int8 << 48) - 1), v_link.login, v_link.name, p_password, p_pepper, p_now, p_now) returning * into v_user;
        end if;
        insert into khop.membership (user_id, org_id, role, created_at, created_by) values (v_user.user_id, v_link.org_id, v_link.role, p_now,
                v_link.created_by)
        on conflict (user_id, org_id, role) do update set ended_at = null, ended_by = null, created_at = p_now, created_by = v_link.created_by;
    end if;
    next := case when v_session.session_id is not null and v_link.purpose = 'join' then 'here'
                 when v_user.totp_sealed is not null then 'factor'
                 when p_required and khop.role_factor(v_role) then 'enrol' else 'done' end;
    if next <> 'here' then
        perform khop.session_begin(v_user.user_id, v_link.org_id, v_role, p_now, null, p_session_hash, p_session_random, next <> 'done', p_ip,
                p_agent);
    end if;
    perform khop.audit_put(o.bucket, o.org_id, p_now, v_user.user_id, null, p_ip, p_req,
                           case v_link.purpose when 'join' then 'user.join' else 'password.set' end, v_link.login, 'ok', v_link.role)
       from khop.org o where o.org_id = v_link.org_id;
    return next;
end $f$;
alter function khop.invitation_accept owner to khop_owner;
revoke all on function khop.invitation_accept from public;
grant execute on function khop.invitation_accept to khop_serve;
comment on function khop.invitation_accept is 'Uses a link';
