-- What a list of amounts would change: pupils of it, those with an amount of their own, whose is another than now; what the items that it names ask
-- of them now and then; the first few that differ. A list that is the whole one (params.whole) also takes away amounts that it does not name:
-- `dropped` pupils. rc -5: the job is this worker's no more.
create or replace function khop.round_amounts_review(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz) returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set join_collapse_limit = 1
set jit = off
set enable_seqscan = off
set enable_nestloop = off
set enable_mergejoin = off
set plan_cache_mode = force_custom_plan
as $f$
#variable_conflict use_column
declare
    v_job khop.job;
    v_round int8;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    rc := case when v_job.job_id is null then -5 else 0 end;
    v_round := (v_job.params ->> 'round')::int8;
    if rc = 0 then
        doc := (
            with said as materialized (select x.* from khop.round_amounts_rows(p_bucket, v_job.org_id, v_round, p_job_id) x),
            cell as materialized (
                select r.line, r.payer_id, i.place, i.label, e.value::int8 as amount, a.amount as was, coalesce((i.by_class ->> r.class)::int8, i.amount) as usual
                  from said r
                 cross join lateral jsonb_each_text(r.data -> 'amounts') e
                  join (select i.* from khop.round_item i where i.bucket = p_bucket and i.round_id = v_round offset 0) i on i.label = e.key
                  left join (select a.* from khop.round_amount a where a.bucket = p_bucket and a.round_id = v_round offset 0) a
                    on a.payer_id = r.payer_id and a.place = i.place
                 where r.payer_id is not null),
            one as materialized (
                select c.line, c.payer_id, count(c.amount) as own, bool_or(c.amount is distinct from c.was) as changes,
                       sum(coalesce(c.was, c.usual)) as before, sum(coalesce(c.amount, c.usual)) as after
                  from cell c group by c.line, c.payer_id)
            select jsonb_build_object('lines', (select count(*) from said), 'payers', count(*), 'own', count(*) filter (where o.own > 0),
                       'changed', count(*) filter (where o.changes), 'same', count(*) filter (where not o.changes),
                       'ignored', (select count(*) from said r where r.payer_id is null),
                       'dropped', case when (v_job.params ->> 'whole')::bool then (
                           select count(distinct a.payer_id)
                             from (select a.* from khop.round_amount a where a.bucket = p_bucket and a.round_id = v_round offset 0) a
                             left join cell c on c.payer_id = a.payer_id and c.place = a.place
                            where c.place is null) else 0 end,
                       'before', coalesce(sum(o.before), 0), 'after', coalesce(sum(o.after), 0),
                       'columns', (select coalesce(jsonb_agg(jsonb_build_object('label', g.label, 'payers', g.n, 'amount', g.amount, 'instead', g.instead,
                                              'nothing', g.nothing) order by g.place), '[]')
                                     from (select c.place, c.label, count(c.amount) as n, coalesce(sum(c.amount), 0) as amount,
                                                  coalesce(sum(c.usual) filter (where c.amount is not null), 0) as instead,
                                                  count(*) filter (where c.amount = 0) as nothing
                                             from cell c group by c.place, c.label) g),
                       'examples', (select coalesce(jsonb_agg(jsonb_build_object('line', e.line, 'ref', y.ref, 'name', y.name, 'class', y.class,
                                              'before', e.before, 'after', e.after) order by e.line), '[]')
                                      from (select o.* from one o where o.changes order by o.line limit 12) e
                                      join khop.payer y on y.bucket = p_bucket and y.org_id = v_job.org_id and y.payer_id = e.payer_id))
              from one o)::text;
    end if;
    return next;
end $f$;
alter function khop.round_amounts_review owner to khop_fn_org;
revoke all on function khop.round_amounts_review from public;
grant execute on function khop.round_amounts_review to khop_jobs;
comment on function khop.round_amounts_review is 'What a list of amounts would change';
