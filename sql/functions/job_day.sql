-- What the sheet of a day says, for the job that makes it (params: day): the close that covers it, or the figures as they stand while it is open.
-- rc -5: the job is not the worker's any more; -4: a day to come, or before the books began.
create or replace function khop.job_day(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz)
returns table (rc int2, unit text, budget_code text, from_day date, day date, closed bool, version int4, closed_by text, approved_by text, closed_at timestamptz,
    seal bytea, sheet text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $f$
#variable_conflict use_column
declare
    v_job constant khop.job := khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    v_day constant date := (v_job.params ->> 'day')::date;
    h khop.org_head;
    v_close khop.day_close;
    v_before khop.day_close;
begin
    rc := case when v_job.job_id is null then -5 else -4 end;
    if v_job.job_id is null then
        return next;
        return;
    end if;
    select * into h from khop.org_head x where x.bucket = p_bucket and x.org_id = v_job.org_id;
    if v_day < h.open_day then
        -- A day without a close of its own is part of the next one's.
        select c.* into v_close from khop.day_close c
         where c.bucket = p_bucket and c.org_id = v_job.org_id and c.day >= v_day and c.from_day <= v_day and c.what = 'closed' order by c.day, c.step desc limit 1;
        if v_close.day is not null then
            rc := 0;
            closed := true;
            from_day := v_close.from_day;
            day := v_close.day;
            version := v_close.version;
            closed_by := khop.actor_name(v_close.actor);
            approved_by := khop.actor_name(v_close.requested_by);
            closed_at := v_close.at;
            seal := v_close.seal;
            sheet := v_close.sheet;
        end if;
    elsif v_day <= (p_now at time zone interval '7 hours')::date then
        rc := 0;
        closed := false;
        from_day := h.open_day;
        day := v_day;
        version := 0;
        select c.* into v_before from khop.day_close c
         where c.bucket = p_bucket and c.org_id = v_job.org_id and c.day < h.open_day and c.what = 'closed' order by c.day desc, c.step desc limit 1;
        sheet := (select s.sheet::text from khop.day_sheet(p_bucket, v_job.org_id, h.open_day, v_day, coalesce(v_before.next_seq, 1)) s);
    end if;
    unit := (select o.name from khop.org o where o.org_id = v_job.org_id);
    budget_code := (select s.budget_code from khop.paper_setting s where s.bucket = p_bucket and s.org_id = v_job.org_id);
    return next;
end $f$;
alter function khop.job_day owner to khop_fn_org;
revoke all on function khop.job_day from public;
grant execute on function khop.job_day to khop_jobs;
comment on function khop.job_day is 'What the sheet of a day says';
