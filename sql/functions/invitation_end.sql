-- Takes an invitation back.
-- rc -4: there is no such open one.
create or replace function khop.invitation_end(p_token bytea, p_now timestamptz, p_invitation_id int8, p_req text)
returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_login record;
    v_name text;
begin
    select * into v_login from khop.login(p_token, p_now, 8);
    rc := v_login.rc;
    if rc = 0 then
        update khop.invitation i set ended_at = p_now
         where i.invitation_id = p_invitation_id and i.org_id = v_login.org_id and i.used_at is null and i.ended_at is null
        returning i.login into v_name;
        rc := case when found then 0 else -4 end;
    end if;
    if rc = 0 then
        perform khop.audit_add(p_token, p_now, 'user.uninvite', v_name, 'ok', null);
    end if;
    return next;
end $f$;
alter function khop.invitation_end owner to khop_owner;
revoke all on function khop.invitation_end from public;
grant execute on function khop.invitation_end to khop_serve;
comment on function khop.invitation_end is 'Takes an invitation back';
