-- Some pieces of a job's input, from the one that begins at p_at. rc -5: the job is this worker's no more.
create or replace function khop.job_input(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_at int4, p_pieces int4)
returns table (rc int2, bytes bytea)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
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
    return query select 0::int2, c.bytes from khop.job_chunk c
     where c.bucket = p_bucket and c.job_id = p_job_id and c.at >= p_at order by c.at limit least(p_pieces, 16);
end $f$;
alter function khop.job_input owner to khop_fn_org;
revoke all on function khop.job_input from public;
grant execute on function khop.job_input to khop_jobs;
comment on function khop.job_input is 'Pieces of a job''s input';
