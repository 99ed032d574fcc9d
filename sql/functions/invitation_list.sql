-- The open invitations of the organisation, newest first.
create or replace function khop.invitation_list(p_token bytea, p_now timestamptz)
returns table (rc int2, invitation_id int8, purpose text, login text, name text, role text, created_at timestamptz, created_by text,
        expires_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_login record;
begin
    select * into v_login from khop.login(p_token, p_now, 8 | 256);
    if v_login.rc <> 0 then
        rc := v_login.rc;
        return next;
        return;
    end if;
    return query
    select 0::int2, i.invitation_id, i.purpose, i.login, i.name, i.role, i.created_at, khop.actor_name(i.created_by), i.expires_at
      from khop.invitation i
     where i.org_id = v_login.org_id and i.used_at is null and i.ended_at is null and i.expires_at > p_now
     order by i.created_at desc, i.invitation_id limit 200;
end $f$;
alter function khop.invitation_list owner to khop_fn_org;
revoke all on function khop.invitation_list from public;
grant execute on function khop.invitation_list to khop_serve;
comment on function khop.invitation_list is 'The open invitations of an organisation';
