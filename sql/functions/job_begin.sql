-- May this token start a job of this kind now? Asked before a byte of its input is read. rc -13: too many of its organisation's jobs wait already.
create or replace function khop.job_begin(p_token bytea, p_now timestamptz, p_kind text) returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_login record;
begin
    select * into v_login from khop.login(p_token, p_now, (select k.scopes from khop.job_kind(p_kind) k));
    rc := v_login.rc;
    if rc = 0 and (select count(*) from khop.job j where j.org_id = v_login.org_id and j.state in ('queued', 'running')) >= 20 then
        rc := -13;
    end if;
    return next;
end $f$;
alter function khop.job_begin owner to khop_fn_org;
revoke all on function khop.job_begin from public;
grant execute on function khop.job_begin to khop_serve;
comment on function khop.job_begin is 'May this token start a job now';
