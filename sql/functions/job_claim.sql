-- Gives a worker the oldest job that waits, or that another has left: whose lease has run out. A worker that lost its way
-- gets its own again. No row: nothing to do.
create or replace function khop.job_claim(p_now timestamptz, p_worker int8)
returns table (bucket int4, job_id int8, org_id int8, kind text, format text, size int4, total int4, part int4)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
begin
    return query
    update khop.job u set state = 'running', worker = p_worker, lease_until = p_now + interval '10 seconds', started_at = coalesce(u.started_at, p_now)
      from (select j.bucket, j.job_id from khop.job j
             where j.state = 'queued' or j.state = 'running' and (j.worker = p_worker or j.lease_until < p_now)
             order by j.created_at limit 1 for update skip locked) w
     where u.bucket = w.bucket and u.job_id = w.job_id
    returning u.bucket, u.job_id, u.org_id, u.kind, u.format, u.size, u.total, u.part;
end $f$;
alter function khop.job_claim owner to khop_owner;
revoke all on function khop.job_claim from public;
grant execute on function khop.job_claim to khop_jobs;
comment on function khop.job_claim is 'Gives a worker a job';
