-- Takes a role from a person of the organisation, by an administrator who has just proved to be there. All sessions of the person end.
-- rc -4: has no such role here, -5: the last administrator stays.
create or replace function khop.user_role_end(p_token bytea, p_now timestamptz, p_user_id int8, p_role text, p_req text)
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
        -- One after the other, so that two cannot end each other's.
        perform from khop.membership m where m.org_id = v_login.org_id and m.role = 'administrator' and m.ended_at is null order by m.user_id for update;
        rc := case when not exists (select 1 from khop.membership m where m.user_id = p_user_id and m.org_id = v_login.org_id and m.role = p_role
                                       and m.ended_at is null) then -4
                   when p_role = 'administrator' and (select count(*) from khop.membership m
                                                       where m.org_id = v_login.org_id and m.role = p_role and m.ended_at is null) = 1 then -5 else 0 end;
    end if;
    if rc = 0 then
        update khop.membership m set ended_at = p_now, ended_by = v_login.token_id
         where m.user_id = p_user_id and m.org_id = v_login.org_id and m.role = p_role;
        perform khop.audit_add(p_token, p_now, 'user.role_end', khop.public_id('usr', p_user_id), 'ok', p_role);
        perform khop.sessions_end(p_user_id, p_now, null);
    end if;
    return next;
end $f$;
alter function khop.user_role_end owner to khop_owner;
revoke all on function khop.user_role_end from public;
grant execute on function khop.user_role_end to khop_serve;
comment on function khop.user_role_end is 'Takes a role from a person';
