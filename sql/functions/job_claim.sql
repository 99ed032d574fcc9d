-- Gives a worker a job that waits, or that another has left: whose lease has run out. First those for which somebody sits and waits, then the
-- oldest; p_urgent: only the former. A worker that lost its way gets its own again. A file that came half out of it is dropped.
-- No row: nothing to do.
create or replace function khop.job_claim(p_now timestamptz, p_worker int8, p_urgent bool)
returns table (bucket int4, job_id int8, org_id int8, kind text, format text, size int4, total int4, part int4, params text, takes int4, confirmed bool)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
begin
    for bucket, job_id, org_id, kind, format, size, total, part, params, takes, confirmed in
        update khop.job u set state = 'running', worker = p_worker, lease_until = p_now + interval '10 seconds',
               started_at = coalesce(u.started_at, p_now), takes = u.takes + 1
          from (select j.bucket, j.job_id from khop.job j
                 where (j.state = 'queued' or j.state = 'running' and (j.worker = p_worker or j.lease_until < p_now)) and (j.urgent or not p_urgent)
                 order by j.urgent desc, j.created_at limit 1 for update skip locked) w
         where u.bucket = w.bucket and u.job_id = w.job_id
        returning u.bucket, u.job_id, u.org_id, u.kind, u.format, u.size, u.total, u.part, u.params::text, u.takes, u.confirmed_at is not null
    loop
        delete from khop.job_output o where o.bucket = job_claim.bucket and o.job_id = job_claim.job_id;
        return next;
    end loop;
end $f$;
alter function khop.job_claim owner to khop_owner;
revoke all on function khop.job_claim from public;
grant execute on function khop.job_claim to khop_jobs;
comment on function khop.job_claim is 'Gives a worker a job';
