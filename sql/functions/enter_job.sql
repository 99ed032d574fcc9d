-- The login step of a worker: its job, if it still holds it, its organisation opened to row level security for this transaction, as whoever
-- asked for the job sees it.
-- p_now renews the lease and locks the job; without it neither, for steps that run side by side.
-- All NULL when the job has been cancelled or another has it.
create or replace function khop.enter_job(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz) returns khop.job
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_job khop.job;
begin
    if p_now is null then
        select * into v_job from khop.job j
         where j.bucket = p_bucket and j.job_id = p_job_id and j.worker = p_worker and j.state = 'running';
    else
        update khop.job j set lease_until = p_now + interval '10 seconds'
         where j.bucket = p_bucket and j.job_id = p_job_id and j.worker = p_worker and j.state = 'running'
        returning * into v_job;
    end if;
    perform khop.sight(v_job.org_id, v_job.created_by);
    return v_job;
end $f$;
alter function khop.enter_job owner to khop_owner;
revoke all on function khop.enter_job from public;
grant execute on function khop.enter_job to khop_fn_org, khop_fn_settle;
comment on function khop.enter_job is 'Opens the organisation of a job for this transaction';
