-- Makes the draft of what a job has read, and ends the job with it: result {"payout"}; or answers the faults in `doc`, rc -1, and the job goes on.
-- params: account, name, month, pay_by, carry. rc -4 no such account, -5 the job is this worker's no more.
create or replace function khop.payout_make(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_random int8)
returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_job khop.job;
    v_id int8;
    v_lines jsonb;
    v_faults jsonb;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    rc := case when v_job.job_id is null then -5
               when not exists (select from khop.account a where a.account_id = (v_job.params ->> 'account')::int8 and a.org_id = v_job.org_id) then -4
               else 0 end;
    if rc = 0 then
        perform khop.head_lock(p_bucket, v_job.org_id);
        v_id := p_bucket::int8 << 48 | (p_random & ((1::int8 << 48) - 1));
        v_lines := (select coalesce(jsonb_agg(l.data order by l.line), '[]') from khop.job_line l where l.bucket = p_bucket and l.job_id = p_job_id);
        v_faults := khop.payout_put(p_bucket, v_job.org_id, v_id, p_now, v_job.created_by, (v_job.params ->> 'account')::int8, v_job.params ->> 'name',
            (v_job.params ->> 'month')::date, (v_job.params ->> 'pay_by')::date, (v_job.params ->> 'carry')::bool, v_lines,
            sha256(int8send(p_job_id)), v_job.request_hash);
        if v_faults <> '[]' then
            rc := -1;
            doc := v_faults::text;
        else
            perform khop.job_finish(p_bucket, p_job_id, p_worker, p_now, 'done',
                jsonb_build_object('payout', khop.id_text('lst', v_id), 'lines', jsonb_array_length(v_lines))::text, null, null, null, null);
        end if;
    end if;
    return next;
end
$f$;
alter function khop.payout_make owner to khop_fn_org;
revoke all on function khop.payout_make from public;
grant execute on function khop.payout_make to khop_jobs;
comment on function khop.payout_make is 'Makes the draft of what a job has read';
