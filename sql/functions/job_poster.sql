-- What the poster of a stall says, for the job that makes it (params: stall, size): for the seller of that stall and for who manages stalls. It tells
-- nothing of what was taken. rc -5: the job is not the worker's any more; -4: no such stall that is open, or none of theirs.
create or replace function khop.job_poster(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz)
returns table (rc int2, name text, place text, bin text, account_no text, holder text, code_no int4, size text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
#variable_conflict use_column
declare
    v_job constant khop.job := khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    v_stall khop.stall_row;
begin
    rc := case when v_job.job_id is null then -5 else -4 end;
    if v_job.job_id is not null then
        select r.* into v_stall from khop.stall_rows(p_bucket, array(
            select s.stall_id from khop.stall s where s.bucket = p_bucket and s.stall_id = (v_job.params ->> 'stall')::int8 and s.org_id = v_job.org_id)) r;
        if v_stall.stall_id is not null and v_stall.closed_at is null
           and (v_stall.owner_id = v_job.created_by or khop.actor_may(v_job.org_id, v_job.created_by, 8, p_now)) then
            rc := 0;
            name := v_stall.name;
            place := v_stall.place;
            bin := v_stall.bin;
            account_no := v_stall.account_no;
            holder := v_stall.holder;
            code_no := v_stall.code_no;
            size := v_job.params ->> 'size';
        end if;
    end if;
    return next;
end $f$;
alter function khop.job_poster owner to khop_fn_org;
revoke all on function khop.job_poster from public;
grant execute on function khop.job_poster to khop_jobs;
comment on function khop.job_poster is 'What the poster of a stall says';
