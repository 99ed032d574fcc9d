-- Of a job about a payout list: what its file says at the top, and what was asked (params: payout, state, format, layout). rc -4: no such
-- list, -5: the job is this worker's no more.
create or replace function khop.payout_paper(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz)
returns table (rc int2, unit text, name text, month date, pay_by date, payout_state text, bin text, account_no text, holder text, lines int4, issued int4,
    state text, format text, layout text)
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
    rc := case when v_job.job_id is null then -5 else -4 end;
    if rc = -4 then
        select 0, o.name, p.name, p.month, p.pay_by, p.state, a.bin, a.account_no, a.holder, p.lines, p.issued
          into rc, unit, name, month, pay_by, payout_state, bin, account_no, holder, lines, issued
          from khop.payout p join khop.org o on o.org_id = p.org_id join khop.account a on a.account_id = p.account_id
         where p.bucket = p_bucket and p.payout_id = (v_job.params ->> 'payout')::int8 and p.org_id = v_job.org_id;
        rc := coalesce(rc, -4);
        state := v_job.params ->> 'state';
        format := v_job.params ->> 'format';
        layout := v_job.params ->> 'layout';
    end if;
    return next;
end
$f$;
alter function khop.payout_paper owner to khop_fn_org;
revoke all on function khop.payout_paper from public;
grant execute on function khop.payout_paper to khop_jobs;
comment on function khop.payout_paper is 'What a file about a payout list says at the top';
