-- What is wrong with the lines that payers_stage kept, as only all of them together tell: a number that an earlier line has (`twice`), a support
-- that nobody knows. The first p_limit; `count` of all stands in each row. rc -5: the job is this worker's no more.
create or replace function khop.payers_faults(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_limit int4)
returns table (rc int2, line int4, fault text, count int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set join_collapse_limit = 1
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
    return query
    select 0::int2, x.line, x.fault, count(*) over ()
      from (select l.line, case when lag(l.line) over (partition by l.data ->> 'ref' collate "C" order by l.line) is not null then 'twice'
                                when (l.data ->> 'unknown')::int4 > 0 then 'support' end as fault
              from khop.job_line l where l.bucket = p_bucket and l.job_id = p_job_id) x
     where x.fault is not null order by x.line limit p_limit;
end $f$;
alter function khop.payers_faults owner to khop_fn_org;
revoke all on function khop.payers_faults from public;
grant execute on function khop.payers_faults to khop_jobs;
comment on function khop.payers_faults is 'What is wrong with a list of payers as a whole';
