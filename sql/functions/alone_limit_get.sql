-- Up to what sum one person alone decides in the token's organisation, and who said so when (NULL: nobody, it is what stands there by itself).
create or replace function khop.alone_limit_get(p_token bytea, p_now timestamptz)
returns table (rc int2, amount int8, changed_at timestamptz, changed_by text)
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
begin
    select l.* into v_login from khop.login(p_token, p_now, 1) l;
    return query
    select v_login.rc, khop.alone_limit(v_login.bucket, v_login.org_id), a.changed_at, khop.actor_name(a.changed_by)
      from (select 1) one
      left join lateral (select a.* from khop.alone_limit a where a.bucket = v_login.bucket and a.org_id = v_login.org_id limit 1) a on true;
end $f$;
alter function khop.alone_limit_get owner to khop_fn_org;
revoke all on function khop.alone_limit_get from public;
grant execute on function khop.alone_limit_get to khop_serve;
comment on function khop.alone_limit_get is 'Up to what sum one person alone decides in an organisation';
