-- Ends a job as done or failed, or has it wait for a yes. p_result and p_error are JSON or NULL; p_out_name, if not NULL, names the file that its
-- pieces make. What is done is done whole, and counts as one thing where nothing was counted. rc -5: the job is this worker's no more.
create or replace function khop.job_finish(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_state text, p_result text, p_error text,
    p_out_name text, p_out_type text, p_out_size int8) returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_job khop.job;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    rc := case when v_job.job_id is null then -5 else 0 end;
    if rc = 0 then
        update khop.job j set state = p_state, total = case when p_state = 'done' then coalesce(j.total, 1) else j.total end,
               done = case when p_state = 'done' then coalesce(j.total, 1) else j.done end,
               finished_at = case when p_state <> 'waiting' then p_now end, result = coalesce(p_result::jsonb, j.result),
               error = p_error::jsonb, out_name = p_out_name, out_type = p_out_type, out_size = p_out_size
         where j.bucket = p_bucket and j.job_id = p_job_id;
        if p_state <> 'waiting' then
            delete from khop.job_chunk c where c.bucket = p_bucket and c.job_id = p_job_id;
            delete from khop.job_line l where l.bucket = p_bucket and l.job_id = p_job_id;
        end if;
    end if;
    return next;
end $f$;
alter function khop.job_finish owner to khop_fn_org;
revoke all on function khop.job_finish from public;
grant execute on function khop.job_finish to khop_jobs;
comment on function khop.job_finish is 'Ends a job, or has it wait for a yes';
