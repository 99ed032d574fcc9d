-- A job as the functions about jobs answer it.
create or replace function khop.job_show(p_job khop.job, p_rc int2, p_repeated bool) returns khop.job_row
language sql immutable security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
    select row (p_rc, p_repeated, p_job.job_id, p_job.kind, p_job.state, p_job.total, p_job.done, p_job.created_at, p_job.started_at, p_job.finished_at,
                p_job.error::text, p_job.stage, p_job.result::text, p_job.out_name, p_job.out_type, p_job.out_size, p_job.params::text)::khop.job_row
$f$;
alter function khop.job_show owner to khop_fn_org;
revoke all on function khop.job_show from public;
comment on function khop.job_show is 'A job as it is answered';
