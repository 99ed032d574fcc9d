-- Keeps a person from signing in, or lets him again (p_disable false), by an administrator who has just proved to be there.
-- rc -4: not of this organisation, -1: of another one, too, -5: oneself.
create or replace function khop.user_disable(p_token bytea, p_now timestamptz, p_user_id int8, p_disable bool, p_req text)
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
        rc := case when p_user_id = v_login.token_id then -5 else khop.user_own(v_login.org_id, p_user_id) end;
    end if;
    if rc = 0 then
        update khop.app_user u set disabled_at = case when p_disable then p_now end, changed_at = p_now where u.user_id = p_user_id;
        if p_disable then
            perform khop.sessions_end(p_user_id, p_now, null);
        end if;
        perform khop.audit_add(p_token, p_now, case when p_disable then 'user.disable' else 'user.enable' end, khop.public_id('usr', p_user_id), 'ok', null);
    end if;
    return next;
end $f$;
alter function khop.user_disable owner to khop_owner;
revoke all on function khop.user_disable from public;
grant execute on function khop.user_disable to khop_serve;
comment on function khop.user_disable is 'Keeps a person from signing in';
