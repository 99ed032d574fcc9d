-- Keeps lines of a list of amounts that a job reads, see round_amounts_rows. rc -5: the job is this worker's no more.
create or replace function khop.round_amounts_stage(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_lines int4[], p_data text[])
returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_job khop.job;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    rc := case when v_job.job_id is null then -5 else 0 end;
    if rc = 0 then
        insert into khop.job_line (bucket, job_id, line, org_id, data)
        select p_bucket, p_job_id, x.line, v_job.org_id, x.data::jsonb from unnest(p_lines, p_data) x (line, data) on conflict do nothing;
    end if;
    return next;
end $f$;
alter function khop.round_amounts_stage owner to khop_fn_org;
revoke all on function khop.round_amounts_stage from public;
grant execute on function khop.round_amounts_stage to khop_jobs;
comment on function khop.round_amounts_stage is 'Keeps lines of a list of amounts';
