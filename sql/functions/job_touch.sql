-- Keeps the lease and tells how far a job is. rc -5: the job is this worker's no more.
create or replace function khop.job_touch(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_stage text, p_done int4, p_total int4)
returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_job khop.job;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    rc := case when v_job.job_id is null then -5 else 0 end;
    if rc = 0 and p_stage is not null then
        update khop.job j set stage = p_stage, done = p_done, total = p_total,
               takes = case when p_done > j.done or p_stage is distinct from j.stage then 1 else j.takes end
         where j.bucket = p_bucket and j.job_id = p_job_id;
    end if;
    return next;
end $f$;
alter function khop.job_touch owner to khop_fn_org;
revoke all on function khop.job_touch from public;
grant execute on function khop.job_touch to khop_jobs;
comment on function khop.job_touch is 'Keeps the lease of a job and tells how far it is';
