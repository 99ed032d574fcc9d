-- What the lines of a list would change: counts, and the first few that differ. A list that is the whole one (params.whole) also says who has left:
-- who is not in it. rc -5: the job is this worker's no more.
create or replace function khop.payers_review(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz) returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set join_collapse_limit = 1
set jit = off
set enable_seqscan = off
set enable_nestloop = off
set enable_mergejoin = off
as $f$
#variable_conflict use_column
declare
    v_job khop.job;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    rc := case when v_job.job_id is null then -5 else 0 end;
    if rc = 0 then
        doc := (
            with x as materialized (
                select l.line, l.data, p.payer_id, p.left_at is not null as gone, p.name, p.class,
                       p.payer_id is not null and p.left_at is null and khop.payer_same(p, l.data) as same
                  from (select l.line, l.data, l.data ->> 'ref' as ref from khop.job_line l where l.bucket = p_bucket and l.job_id = p_job_id offset 0) l
                  left join khop.payer p on p.bucket = p_bucket and p.org_id = v_job.org_id and p.ref collate "C" = l.ref)
            select jsonb_build_object('lines', count(*), 'new', count(*) filter (where x.payer_id is null), 'same', count(*) filter (where x.same),
                       'changed', count(*) filter (where x.payer_id is not null and not x.same and not x.gone),
                       'returned', count(*) filter (where x.gone),
                       'left', case when (v_job.params ->> 'whole')::bool then (
                           select count(*) from khop.payer p where p.bucket = p_bucket and p.org_id = v_job.org_id and p.left_at is null)
                           - count(*) filter (where x.payer_id is not null and not x.gone) else 0 end,
                       'classes', count(distinct x.data ->> 'class'),
                       'examples', coalesce((
                           select jsonb_agg(jsonb_build_object('line', e.line, 'ref', e.data ->> 'ref', 'name', e.data ->> 'name', 'class', e.data
                               ->> 'class',
                                      'was', case when e.payer_id is null then null else jsonb_build_object('name', e.name, 'class', e.class) end)
                                          order by e.line)
                             from (select x.* from x where not x.same order by x.payer_id is null, x.line limit 12) e), '[]'))
              from x)::text;
    end if;
    return next;
end $f$;
alter function khop.payers_review owner to khop_fn_org;
revoke all on function khop.payers_review from public;
grant execute on function khop.payers_review to khop_jobs;
comment on function khop.payers_review is 'What a list of payers would change';
