-- Ends a job that cannot be done, with the reasons. Nothing has been issued: lines are checked before. rc -5: the job is this worker's no more.
create or replace function khop.job_fail(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_error text) returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_job khop.job;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    rc := case when v_job.job_id is null then -5 else 0 end;
    if rc = 0 then
        update khop.job j set state = 'failed', finished_at = p_now, error = p_error::jsonb where j.bucket = p_bucket and j.job_id = p_job_id;
        delete from khop.job_chunk c where c.bucket = p_bucket and c.job_id = p_job_id;
    end if;
    return next;
end $f$;
alter function khop.job_fail owner to khop_fn_org;
revoke all on function khop.job_fail from public;
grant execute on function khop.job_fail to khop_jobs;
comment on function khop.job_fail is 'Ends a job that cannot be done';
