-- Starts a reset of a forgotten password: a link (its hash), good for half an hour and once. The second factor stays. By an administrator who has
-- just proved to be there; he never sees a password.
-- rc -4: not of this organisation, -1: of another one, too.
create or replace function khop.user_reset(p_token bytea, p_now timestamptz, p_random int8, p_hash bytea, p_user_id int8, p_req text)
returns table (rc int2, login text)
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
        rc := khop.user_own(v_login.org_id, p_user_id);
    end if;
    if rc = 0 then
        select u.login into login from khop.app_user u where u.user_id = p_user_id;
        update khop.invitation i set ended_at = p_now where i.purpose = 'reset' and i.login = login and i.used_at is null and i.ended_at is null;
        insert into khop.invitation (invitation_id, token_hash, purpose, org_id, login, created_at, created_by, expires_at)
        values (p_random & ((1::int8 << 48) - 1), p_hash, 'reset', v_login.org_id, login, p_now, v_login.token_id, p_now + interval '30 minutes');
        perform khop.audit_add(p_token, p_now, 'password.reset', khop.public_id('usr', p_user_id), 'ok', null);
    end if;
    return next;
end $f$;
alter function khop.user_reset owner to khop_owner;
revoke all on function khop.user_reset from public;
grant execute on function khop.user_reset to khop_serve;
comment on function khop.user_reset is 'Starts a reset of a password';
