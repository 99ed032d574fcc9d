-- The login step of whoever asks for a job: who started it may see it, others who read, unless its kind is its starter's alone.
-- p_change: they want to cancel or confirm it, for which they must be such as may start one.
-- The paper of a public receipt is seen by whoever has its key instead of a token (receipt_paper). rc -4: none that they may know of.
create or replace function khop.job_find(p_token bytea, p_now timestamptz, p_job_id int8, p_change bool, out rc int2, out job khop.job)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_login record;
    v_kind record;
begin
    select * into v_login from khop.login(p_token, p_now, -1);
    rc := v_login.rc;
    if rc <> 0 then
        if not p_change and khop.enter_job_key(p_job_id, p_token) is not null then
            select * into job from khop.job j where j.bucket = p_job_id >> 48 and j.job_id = p_job_id;
            rc := 0;
        end if;
        return;
    end if;
    select * into job from khop.job j where j.bucket = v_login.bucket and j.job_id = p_job_id and j.org_id = v_login.org_id;
    select * into v_kind from khop.job_kind(job.kind);
    if job.job_id is null or v_kind.alone and job.created_by <> v_login.token_id then
        rc := -4;
    elsif p_change or job.created_by <> v_login.token_id then
        select l.rc into rc from khop.login(p_token, p_now, case when p_change then v_kind.scopes else 1 end) l;
    end if;
end $f$;
alter function khop.job_find owner to khop_fn_org;
revoke all on function khop.job_find from public;
comment on function khop.job_find is 'A job, for who may see it';
