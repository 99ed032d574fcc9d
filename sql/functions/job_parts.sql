-- What has been done of a job. rc -5: the job is this worker's no more.
create or replace function khop.job_parts(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz)
returns table (rc int2, first int4)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
declare
    v_job khop.job;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    if v_job.job_id is null then
        rc := -5;
        return next;
        return;
    end if;
    return query select 0::int2, p.first from khop.job_part p where p.bucket = p_bucket and p.job_id = p_job_id order by p.first;
end $f$;
alter function khop.job_parts owner to khop_fn_org;
revoke all on function khop.job_parts from public;
grant execute on function khop.job_parts to khop_jobs;
comment on function khop.job_parts is 'What has been done of a job';
