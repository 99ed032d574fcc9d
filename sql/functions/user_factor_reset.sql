-- Takes the second factor off somebody who has lost it, by an administrator who has just proved to be there. All sessions of the person end; where
-- the role needs one, the next sign-in sets up another.
-- rc -4: not of this organisation, -1: of another one, too, -5: oneself, or has none.
create or replace function khop.user_factor_reset(p_token bytea, p_now timestamptz, p_user_id int8, p_req text)
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
        update khop.app_user u set totp_sealed = null, totp_step = 0, changed_at = p_now where u.user_id = p_user_id and u.totp_sealed is not null;
        rc := case when found then 0 else -5 end;
    end if;
    if rc = 0 then
        delete from khop.recovery_code c where c.user_id = p_user_id;
        perform khop.sessions_end(p_user_id, p_now, null);
        perform khop.audit_add(p_token, p_now, 'factor.reset', khop.public_id('usr', p_user_id), 'ok', null);
    end if;
    return next;
end $f$;
alter function khop.user_factor_reset owner to khop_owner;
revoke all on function khop.user_factor_reset from public;
grant execute on function khop.user_factor_reset to khop_serve;
comment on function khop.user_factor_reset is 'Takes a lost second factor off';
