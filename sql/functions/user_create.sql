-- Makes a user with a role, by the operator; who has that login already gets the role, and the password stays.
-- NULL: no such organisation.
create or replace function khop.user_create(p_now timestamptz, p_random int8, p_login text, p_name text, p_password text, p_pepper int2,
        p_org_id int8, p_role text)
returns table (user_id int8, made bool)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_org khop.org;
begin
    select o.* into v_org from khop.org o where o.org_id = p_org_id;
    if v_org.org_id is not null then
        select u.user_id into user_id from khop.app_user u where u.login = p_login;
        made := user_id is null;
        if made then
            insert into khop.app_user (user_id, login, name, password, pepper, created_at, changed_at)
            values (p_random & ((1::int8 << 48) - 1), p_login, p_name, p_password, p_pepper, p_now,
                    p_now) returning khop.app_user.user_id into user_id;
        end if;
        insert into khop.membership (user_id, org_id, role, created_at, created_by) values (user_id, p_org_id, p_role, p_now, 0)
        on conflict on constraint membership_pkey do update set ended_at = null, ended_by = null;
        delete from khop.setup_code;
        perform khop.audit_put(v_org.bucket, v_org.org_id, p_now, 0, null, null, null, 'user.create', p_login, 'ok', p_role);
    end if;
    return next;
end $f$;
alter function khop.user_create owner to khop_owner;
revoke all on function khop.user_create from public;
comment on function khop.user_create is 'Makes a user, by the operator';
