-- Sets up to what sum one person alone decides in the token's organisation. For its administrator, by a login that is fresh; written down with the sum before.
-- rc 0; -1 a sum below 0 or above 50,000,000; -14.
create or replace function khop.alone_limit_save(p_token bytea, p_now timestamptz, p_amount int8) returns table (rc int2)
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
    v_before int8;
begin
    select l.* into v_login from khop.login_fresh(p_token, p_now, 8) l;
    rc := case when v_login.rc <> 0 then v_login.rc when p_amount between 0 and 50000000 then 0 else -1 end;
    if rc = 0 then
        v_before := khop.alone_limit(v_login.bucket, v_login.org_id);
        insert into khop.alone_limit as a (bucket, org_id, amount, changed_at, changed_by)
        values (v_login.bucket, v_login.org_id, p_amount, p_now, v_login.token_id)
        on conflict (bucket, org_id) do update set amount = excluded.amount, changed_at = excluded.changed_at, changed_by = excluded.changed_by;
        perform khop.audit_add(p_token, p_now, 'alone_limit.change', null, 'ok', v_before || ' ' || p_amount);
    end if;
    return next;
end $f$;
alter function khop.alone_limit_save owner to khop_fn_org;
revoke all on function khop.alone_limit_save from public;
grant execute on function khop.alone_limit_save to khop_serve;
comment on function khop.alone_limit_save is 'Sets up to what sum one person alone decides in an organisation';
