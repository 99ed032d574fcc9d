-- Invites somebody to join the organisation in a role: a link (its hash), good for seven days and once. By an administrator who has just proved
-- to be there. Somebody who has that login already accepts with it.
-- rc -1: no such role, -5: has that role here, -13: a hundred invitations are open.
create or replace function khop.invite(p_token bytea, p_now timestamptz, p_random int8, p_hash bytea, p_login text, p_name text, p_role text,
        p_req text)
returns table (rc int2, invitation_id int8, expires_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_login record;
begin
    select * into v_login from khop.login_fresh(p_token, p_now, 8);
    rc := v_login.rc;
    if rc = 0 then
        rc := case when khop.role_scopes(p_role) = 0 then -1
                   when exists (select 1 from khop.app_user u join khop.membership m on m.user_id = u.user_id
                                 where u.login = p_login and m.org_id = v_login.org_id and m.role = p_role and m.ended_at is null) then -5
                   when (select count(*) from khop.invitation i where i.org_id = v_login.org_id and i.used_at is null and i.ended_at is null
                            and i.expires_at > p_now) >= 100 then -13 else 0 end;
    end if;
    if rc = 0 then
        invitation_id := p_random & ((1::int8 << 48) - 1);
        expires_at := p_now + interval '7 days';
        insert into khop.invitation (invitation_id, token_hash, purpose, org_id, role, login, name, created_at, created_by, expires_at)
        values (invitation_id, p_hash, 'join', v_login.org_id, p_role, p_login, p_name, p_now, v_login.token_id, expires_at);
        perform khop.audit_add(p_token, p_now, 'user.invite', p_login, 'ok', p_role);
    end if;
    return next;
end $f$;
alter function khop.invite owner to khop_owner;
revoke all on function khop.invite from public;
grant execute on function khop.invite to khop_serve;
comment on function khop.invite is 'Invites somebody';
