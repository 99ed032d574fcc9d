-- Keeps lines of a list of payers that a job reads: each data is {"ref", "name", "class", "household"} as far as the list has such columns, and
-- "support", a text that names what the state pays, if it has that column. Names of support are resolved here: "policies", or "unknown".
-- rc -5: the job is this worker's no more.
create or replace function khop.payers_stage(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_lines int4[], p_data text[])
returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set join_collapse_limit = 1
as $f$
declare
    v_job khop.job;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    rc := case when v_job.job_id is null then -5 else 0 end;
    if rc = 0 then
        insert into khop.job_line (bucket, job_id, line, org_id, data)
        select p_bucket, p_job_id, x.line, v_job.org_id,
               d.data - 'support' || case when d.data ? 'support' then jsonb_build_object('policies', coalesce(s.policies, '[]'), 'unknown',
                   coalesce(s.unknown, 0)) else '{}' end
          from unnest(p_lines, p_data) x (line, data)
         cross join lateral (select x.data::jsonb as data) d
          left join lateral (
               select jsonb_agg(distinct y.policy) filter (where y.policy is not null) as policies, count(*)
                   filter (where y.policy is null) as unknown
                 from regexp_split_to_table(nullif(d.data ->> 'support', ''), '\s*[;,+]\s*') w (word)
                 left join khop.support_policy y on y.policy = lower(w.word) or khop.fold(y.label) = khop.fold(w.word)
                where w.word <> '') s on true
        on conflict do nothing;
    end if;
    return next;
end $f$;
alter function khop.payers_stage owner to khop_fn_org;
revoke all on function khop.payers_stage from public;
grant execute on function khop.payers_stage to khop_jobs;
comment on function khop.payers_stage is 'Keeps lines of a list of payers';
