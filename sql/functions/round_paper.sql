-- Of a job about a round: what its paper says at the top, and what it was asked for (params: round, class, state, format). rc -4: no such round;
-- -5: the job is
-- this worker's no more.
create or replace function khop.round_paper(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz)
returns table (rc int2, unit text, name text, due_on date, bin text, account_no text, holder text, class text, state text, format text, payers int4, hotline text)
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
        select 0, o.name, r.name, r.due_on, a.bin, a.account_no, a.holder, r.payers into rc, unit, name, due_on, bin, account_no, holder, payers
          from khop.round r join khop.org o on o.org_id = r.org_id join khop.account a on a.account_id = r.account_id
         where r.bucket = p_bucket and r.round_id = (v_job.params ->> 'round')::int8 and r.org_id = v_job.org_id;
        rc := coalesce(rc, -4);
        hotline := (select s.hotline from khop.paper_setting s where s.bucket = p_bucket and s.org_id = v_job.org_id);
        class := v_job.params ->> 'class';
        state := v_job.params ->> 'state';
        format := v_job.params ->> 'format';
    end if;
    return next;
end $f$;
alter function khop.round_paper owner to khop_fn_org;
revoke all on function khop.round_paper from public;
grant execute on function khop.round_paper to khop_jobs;
comment on function khop.round_paper is 'What a paper about a round says at the top';
