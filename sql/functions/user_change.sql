-- What the operator may do to a user: disable, enable, or take off the second factor ("factor"). All sessions of the user end.
-- rc -4: nobody has that login.
create or replace function khop.user_change(p_now timestamptz, p_login text, p_what text)
returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_user khop.app_user;
    v_org record;
begin
    select u.* into v_user from khop.app_user u where u.login = p_login for update;
    rc := case when v_user.user_id is null then -4 else 0 end;
    if rc = 0 then
        update khop.app_user u
           set disabled_at = case p_what when 'disable' then p_now when 'enable' then null else u.disabled_at end,
               totp_sealed = case p_what when 'factor' then null else u.totp_sealed end,
               totp_step = case p_what when 'factor' then 0 else u.totp_step end, changed_at = p_now
         where u.user_id = v_user.user_id;
        delete from khop.recovery_code c where c.user_id = v_user.user_id and p_what = 'factor';
        perform khop.sessions_end(v_user.user_id, p_now, null);
        for v_org in
            select distinct o.bucket, o.org_id from khop.membership m join khop.org o on o.org_id = m.org_id
             where m.user_id = v_user.user_id and m.ended_at is null order by o.bucket, o.org_id
        loop
            perform khop.audit_put(v_org.bucket, v_org.org_id, p_now, 0, null, null, null,
                                   case p_what when 'factor' then 'factor.reset' else 'user.' || p_what end, khop.public_id('usr', v_user.user_id), 'ok',
                                           'operator');
        end loop;
    end if;
    return next;
end $f$;
alter function khop.user_change owner to khop_owner;
revoke all on function khop.user_change from public;
comment on function khop.user_change is 'What the operator may do to a user';
