-- Gives a person of the organisation another role in it, by an administrator who has just proved to be there. All sessions of the person end, but the one
-- that asks.
-- rc -4: not of this organisation, -5: has that role, -1: no such role.
create or replace function khop.user_role_add(p_token bytea, p_now timestamptz, p_user_id int8, p_role text, p_req text)
returns table (rc int2)
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
                   when khop.user_own(v_login.org_id, p_user_id) = -4 then -4
                   when exists (select 1 from khop.membership m where m.user_id = p_user_id and m.org_id = v_login.org_id and m.role = p_role
                                   and m.ended_at is null) then -5 else 0 end;
    end if;
    if rc = 0 then
        insert into khop.membership (user_id, org_id, role, created_at, created_by) values (p_user_id, v_login.org_id, p_role, p_now,
                v_login.token_id)
        on conflict (user_id, org_id, role) do update set ended_at = null, ended_by = null, created_at = p_now, created_by = v_login.token_id;
        perform khop.sessions_end(p_user_id, p_now, case when p_user_id = v_login.token_id then p_token end);
        perform khop.audit_add(p_token, p_now, 'user.role_add', khop.public_id('usr', p_user_id), 'ok', p_role);
    end if;
    return next;
end $f$;
alter function khop.user_role_add owner to khop_owner;
revoke all on function khop.user_role_add from public;
grant execute on function khop.user_role_add to khop_serve;
comment on function khop.user_role_add is 'Gives a person another role';
