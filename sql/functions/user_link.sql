-- A link (its hash) of the operator: an invitation to join an organisation in a role, or with p_role NULL a reset of a password.
-- rc -4: no such organisation, or nobody with that login.
create or replace function khop.user_link(p_now timestamptz, p_random int8, p_hash bytea, p_org_id int8, p_role text, p_login text, p_name text)
returns table (rc int2, expires_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_org khop.org;
begin
    select o.* into v_org from khop.org o
     where o.org_id = coalesce(p_org_id, (select m.org_id from khop.membership m join khop.app_user u on u.user_id = m.user_id
                                           where u.login = p_login and m.ended_at is null order by m.created_at limit 1));
    rc := case when v_org.org_id is null or (p_role is null and not exists (select 1 from khop.app_user u where u.login = p_login)) then -4 else 0 end;
    if rc = 0 then
        expires_at := p_now + case when p_role is null then interval '30 minutes' else interval '7 days' end;
        insert into khop.invitation (invitation_id, token_hash, purpose, org_id, role, login, name, created_at, created_by, expires_at)
        values (p_random & ((1::int8 << 48) - 1), p_hash, case when p_role is null then 'reset' else 'join' end, v_org.org_id, p_role, p_login,
                p_name,
                p_now, 0, expires_at);
        perform khop.audit_put(v_org.bucket, v_org.org_id, p_now, 0, null, null, null,
                case when p_role is null then 'password.reset' else 'user.invite' end,
                               p_login, 'ok', p_role);
    end if;
    return next;
end $f$;
alter function khop.user_link owner to khop_owner;
revoke all on function khop.user_link from public;
comment on function khop.user_link is 'A link of the operator';
