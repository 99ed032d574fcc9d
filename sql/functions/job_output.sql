-- Keeps a piece of the file that comes out of a job. rc -5: the job is this worker's no more.
create or replace function khop.job_output(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_at int8, p_bytes bytea) returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_job khop.job;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    rc := case when v_job.job_id is null then -5 else 0 end;
    if rc = 0 then
        insert into khop.job_output (bucket, job_id, at, org_id, bytes) values (p_bucket, p_job_id, p_at, v_job.org_id, p_bytes) on conflict do nothing;
    end if;
    return next;
end $f$;
alter function khop.job_output owner to khop_fn_org;
revoke all on function khop.job_output from public;
grant execute on function khop.job_output to khop_jobs;
comment on function khop.job_output is 'Keeps a piece of what comes out of a job';
