-- Does what round_amounts_review announced, all in this transaction, and ends the job. An empty cell takes an amount of a pupil's own away; what the
-- list does not name stays, unless it is the whole one. rc -1: the round is no draft any more, or it has others of these items or pupils by now;
-- -5: the job is this worker's no more.
create or replace function khop.round_amounts_apply(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz) returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set join_collapse_limit = 1
set jit = off
set enable_seqscan = off
set enable_nestloop = off
set enable_mergejoin = off
set plan_cache_mode = force_custom_plan
as $f$
declare
    v_job khop.job;
    v_round khop.round;
    v_payers int8[];
    v_places int2[];
    v_amounts int8[];
    v_gone int8;
    v_new int8;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    rc := case when v_job.job_id is null or v_job.confirmed_at is null then -5 else 0 end;
    if rc <> 0 then
        return next;
        return;
    end if;
    perform khop.head_lock(p_bucket, v_job.org_id); -- before the round is looked at: everything that changes it takes this lock
    select * into v_round from khop.round r where r.bucket = p_bucket and r.round_id = (v_job.params ->> 'round')::int8 and r.org_id = v_job.org_id;
    if v_round.round_id is null or v_round.state <> 'draft' or exists (
        select 1 from (select distinct jsonb_object_keys(l.data -> 'amounts') as label from khop.job_line l where l.bucket = p_bucket and l.job_id = p_job_id) x
         where (select count(*) from khop.round_item i where i.bucket = p_bucket and i.round_id = v_round.round_id and i.label = x.label) <> 1) or exists (
        select 1 from khop.round_amounts_rows(p_bucket, v_job.org_id, v_round.round_id, p_job_id) x where x.fault is not null) then
        rc := -1;
        return next;
        return;
    end if;
    select array_agg(x.payer_id), array_agg(i.place), array_agg(e.value::int8) into v_payers, v_places, v_amounts
      from khop.round_amounts_rows(p_bucket, v_job.org_id, v_round.round_id, p_job_id) x
     cross join lateral jsonb_each_text(x.data -> 'amounts') e
      join (select i.* from khop.round_item i where i.bucket = p_bucket and i.round_id = v_round.round_id offset 0) i on i.label = e.key
     where x.payer_id is not null;
    delete from khop.round_amount a
     using (select a.payer_id, a.place
              from (select a.* from khop.round_amount a where a.bucket = p_bucket and a.round_id = v_round.round_id offset 0) a
              left join unnest(v_payers, v_places, v_amounts) x (payer_id, place, amount) on x.payer_id = a.payer_id and x.place = a.place
             where case when x.payer_id is not null then x.amount is distinct from a.amount else (v_job.params ->> 'whole')::bool end) d
     where a.bucket = p_bucket and a.round_id = v_round.round_id and a.payer_id = d.payer_id and a.place = d.place;
    get diagnostics v_gone = row_count;
    insert into khop.round_amount (bucket, round_id, payer_id, place, org_id, amount)
    select p_bucket, v_round.round_id, x.payer_id, x.place, v_job.org_id, x.amount
      from unnest(v_payers, v_places, v_amounts) x (payer_id, place, amount) where x.amount is not null
    on conflict do nothing;
    get diagnostics v_new = row_count;
    if v_gone + v_new > 0 then
        perform khop.round_lines(p_bucket, v_round.round_id);
        update khop.round r set changed_at = p_now where r.bucket = p_bucket and r.round_id = v_round.round_id;
        perform khop.audit_put(p_bucket, v_job.org_id, p_now, v_job.confirmed_by, null, null, null, 'round.amounts', khop.id_text('rnd', v_round.round_id), 'ok',
                               format('new=%s gone=%s', v_new, v_gone));
    end if;
    perform khop.job_finish(p_bucket, p_job_id, p_worker, p_now, 'done', null, null, null, null, null);
    return next;
end $f$;
alter function khop.round_amounts_apply owner to khop_fn_org;
revoke all on function khop.round_amounts_apply from public;
grant execute on function khop.round_amounts_apply to khop_jobs;
comment on function khop.round_amounts_apply is 'Saves a list of amounts and ends the job';
