-- Drops input that never became a job (its sender went away), files that came out of jobs after a week, and finished jobs after ninety days.
-- A job that nobody says yes to within a day is cancelled. What jobs have done stays.
create or replace function khop.job_prune(p_now timestamptz) returns table (chunks int8, jobs int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
begin
    update khop.job j set state = 'cancelled', finished_at = p_now where j.state = 'waiting' and coalesce(j.started_at, j.created_at) < p_now - interval '1 day';
    delete from khop.job_line l using khop.job j where j.bucket = l.bucket and j.job_id = l.job_id and j.finished_at <= p_now;
    delete from khop.job_chunk c where c.created_at < p_now - interval '10 minutes'
       and not exists (select 1 from khop.job j where j.bucket = c.bucket and j.job_id = c.job_id and j.finished_at is null);
    get diagnostics chunks = row_count;
    delete from khop.job_output o using khop.job j
     where j.bucket = o.bucket and j.job_id = o.job_id and j.finished_at < p_now - interval '7 days';
    delete from khop.job_part p using khop.job j
     where j.bucket = p.bucket and j.job_id = p.job_id and j.finished_at < p_now - interval '90 days';
    delete from khop.job j where j.finished_at < p_now - interval '90 days';
    get diagnostics jobs = row_count;
    return next;
end $f$;
alter function khop.job_prune owner to khop_owner;
revoke all on function khop.job_prune from public;
grant execute on function khop.job_prune to khop_jobs;
comment on function khop.job_prune is 'Drops input that never became a job, and old jobs';
