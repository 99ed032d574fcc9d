-- Does what payers_review announced, all in this transaction, and ends the job. Line n becomes payer first + n where it is new; support that
-- the list no longer names ends today. rc -5: the job is this worker's no more.
create or replace function khop.payers_apply(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_random int8) returns table (rc int2)
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
    v_first constant int8 := p_bucket::int8 << 48 | (p_random & ((1::int8 << 47) - 1));
    v_kept int8[];
    v_today constant date := (p_now at time zone 'UTC' + interval '7 hours')::date;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    rc := case when v_job.job_id is null or v_job.confirmed_at is null then -5 else 0 end;
    if rc <> 0 then
        return next;
        return;
    end if;
    -- Two lists of one organisation at once: the second waits here, and finds what the first has written.
    perform khop.head_lock(p_bucket, v_job.org_id);
    update khop.payer p set name = l.data ->> 'name', class = case when l.data ? 'class' then l.data ->> 'class' else p.class end,
           household = case when l.data ? 'household' then l.data ->> 'household' else p.household end,
           address = case when l.data ? 'address' then l.data ->> 'address' else p.address end, changed_at = p_now, left_at = null
      from (select l.data, l.data ->> 'ref' as ref from khop.job_line l where l.bucket = p_bucket and l.job_id = p_job_id offset 0) l
     where p.bucket = p_bucket and p.org_id = v_job.org_id and p.ref collate "C" = l.ref and (p.left_at is not null or not khop.payer_same(p, l.data));
    if (v_job.params ->> 'whole')::bool then
        v_kept := array(
            select p.payer_id
              from (select l.data ->> 'ref' as ref from khop.job_line l where l.bucket = p_bucket and l.job_id = p_job_id offset 0) l
              join khop.payer p on p.bucket = p_bucket and p.org_id = v_job.org_id and p.ref collate "C" = l.ref);
        update khop.payer p set left_at = p_now, changed_at = p_now
         where p.bucket = p_bucket and p.org_id = v_job.org_id and p.left_at is null and p.payer_id <> all (v_kept);
    end if;
    insert into khop.payer (bucket, payer_id, org_id, ref, name, class, household, address, created_at, changed_at)
    select p_bucket, v_first + l.line, v_job.org_id, l.ref, l.data ->> 'name', l.data ->> 'class', l.data ->> 'household', l.data ->> 'address', p_now, p_now
      from (select l.line, l.data, l.data ->> 'ref' as ref from khop.job_line l where l.bucket = p_bucket and l.job_id = p_job_id offset 0) l
      left join khop.payer p on p.bucket = p_bucket and p.org_id = v_job.org_id and p.ref collate "C" = l.ref
     where p.payer_id is null;

    -- Support: what the list names begins, or begins again; what it no longer names ends.
    insert into khop.payer_support as s (bucket, payer_id, policy, org_id, valid_from, changed_at)
    select p_bucket, p.payer_id, w.policy, v_job.org_id, date_trunc('month', v_today)::date, p_now
      from (select l.data -> 'policies' as policies, l.data ->> 'ref' as ref from khop.job_line l
             where l.bucket = p_bucket and l.job_id = p_job_id and l.data -> 'policies' <> '[]' offset 0) l
      join khop.payer p on p.bucket = p_bucket and p.org_id = v_job.org_id and p.ref collate "C" = l.ref
     cross join lateral jsonb_array_elements_text(l.policies) w (policy)
        on conflict (bucket, payer_id, policy) do update set valid_from = excluded.valid_from, valid_to = null, changed_at = p_now
     where s.valid_to is not null;
    update khop.payer_support s set valid_to = v_today, changed_at = p_now
      from (select p_bucket as bucket, p.payer_id, l.policies
              from (select l.data -> 'policies' as policies, l.data ->> 'ref' as ref from khop.job_line l
                     where l.bucket = p_bucket and l.job_id = p_job_id and l.data ? 'policies' offset 0) l
              join khop.payer p on p.bucket = p_bucket and p.org_id = v_job.org_id and p.ref collate "C" = l.ref offset 0) l
     where s.bucket = l.bucket and s.payer_id = l.payer_id and s.valid_to is null and not l.policies ? s.policy;

    perform khop.job_finish(p_bucket, p_job_id, p_worker, p_now, 'done', null, null, null, null, null);
    return next;
end $f$;
alter function khop.payers_apply owner to khop_fn_org;
revoke all on function khop.payers_apply from public;
grant execute on function khop.payers_apply to khop_jobs;
comment on function khop.payers_apply is 'Saves a list of payers and ends the job';
