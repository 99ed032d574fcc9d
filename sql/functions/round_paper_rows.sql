-- Rows of a round for a job's paper (params: round, class, state), behind a place. rc -5: the job is this worker's no more.
create or replace function khop.round_paper_rows(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_after int4, p_limit int4)
returns table (rc int2, place int4, ref text, name text, given_name text, class text, amount int8, got int8, state text, code_no int4,
    paid_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
declare
    v_job khop.job;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    if v_job.job_id is null or not exists (select 1 from khop.round r where r.bucket = p_bucket and r.round_id = (v_job.params ->> 'round')::int8
        and r.org_id = v_job.org_id) then
        rc := -5;
        return next;
        return;
    end if;
    return query
    select 0::int2, x.place, x.ref, x.name, y.given, x.class, x.amount, x.got, x.state, x.code_no, x.last_paid_at
      from khop.round_rows(p_bucket, (v_job.params ->> 'round')::int8, v_job.params ->> 'class', v_job.params ->> 'state', null, p_after, p_limit) x
      join lateral (select y.given::text from khop.payer y where y.bucket = p_bucket and y.payer_id = x.payer_id limit 1) y on true
     order by x.place;
end $f$;
alter function khop.round_paper_rows owner to khop_fn_org;
revoke all on function khop.round_paper_rows from public;
grant execute on function khop.round_paper_rows to khop_jobs;
comment on function khop.round_paper_rows is 'Rows of a round for a paper';
