-- What has been done in the organisation, newest first, before p_before (NULL: from the end); with p_action only what begins with that.
create or replace function khop.audit_list(p_token bytea, p_now timestamptz, p_before int8, p_action text, p_limit int4)
returns table (rc int2, seq int8, at timestamptz, actor int8, actor_name text, session8 text, ip text, req text, action text, object text,
        result text, detail text, hash bytea)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
#variable_conflict use_column
declare
    v_login record;
    v_before constant int8 := coalesce(p_before, 9223372036854775807); -- COALESCE beside a column keeps row level security from using the index
begin
    select * into v_login from khop.login(p_token, p_now, 8 | 256);
    if v_login.rc <> 0 then
        rc := v_login.rc;
        return next;
        return;
    end if;
    return query
    select 0::int2, e.seq, e.at, e.actor, khop.actor_name(e.actor), e.session8, e.ip, e.req, e.action, e.object, e.result, e.detail, e.hash
      from khop.audit_event e
     where e.bucket = v_login.bucket and e.org_id = v_login.org_id and e.seq < v_before
       and (p_action is null or starts_with(e.action, p_action))
     order by e.seq desc limit least(p_limit, 1000);
end $f$;
alter function khop.audit_list owner to khop_fn_org;
revoke all on function khop.audit_list from public;
grant execute on function khop.audit_list to khop_serve;
comment on function khop.audit_list is 'What has been done in an organisation';
