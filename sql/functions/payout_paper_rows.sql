-- Lines of the payout list that a job is about, behind a place, under its filter.
create or replace function khop.payout_paper_rows(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_after int4, p_limit int4)
returns table (rc int2, place int4, name text, birth_on date, amount int8, got int8, bin text, account_no text, holder text, state text,
    code_no int4, paid_at timestamptz, carried bool)
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
    return query
    select 0::int2, r.place, r.name, r.birth_on, r.amount, r.got, r.bin, r.account_no, r.holder, r.state, r.code_no,
           case when r.got > 0 then r.last_paid_at end, r.from_payout is not null
      from khop.payout_rows(p_bucket, (v_job.params ->> 'payout')::int8, v_job.params ->> 'state', p_after, p_limit) r order by r.place;
end
$f$;
alter function khop.payout_paper_rows owner to khop_fn_org;
revoke all on function khop.payout_paper_rows from public;
grant execute on function khop.payout_paper_rows to khop_jobs;
comment on function khop.payout_paper_rows is 'Lines of the payout list that a job is about';
