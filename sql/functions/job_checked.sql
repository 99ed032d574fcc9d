-- All lines of a job are right: from now on codes are issued, in parts of p_part lines. Once told, it stays.
-- rc -5: the job is this worker's no more; -13: the ids behind p_random are not free, come again with another.
create or replace function khop.job_checked(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_total int4, p_part int4, p_random int8)
returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
as $f$
declare
    v_job khop.job;
    v_first constant int8 := p_bucket::int8 << 48 | (p_random & ((1::int8 << 47) - 1));
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    rc := case when v_job.job_id is null then -5
               when v_job.total is not null then 0
               when exists (select 1 from khop.charge c where c.bucket = p_bucket and c.charge_id between v_first and v_first + p_total
                             order by c.bucket, c.charge_id limit 1) then -13
          end;
    if rc is null then
        update khop.job j set total = p_total, part = p_part, first_id = v_first where j.bucket = p_bucket and j.job_id = p_job_id;
        rc := 0;
    end if;
    return next;
end $f$;
alter function khop.job_checked owner to khop_fn_org;
revoke all on function khop.job_checked from public;
grant execute on function khop.job_checked to khop_jobs;
comment on function khop.job_checked is 'A job''s lines are right';
