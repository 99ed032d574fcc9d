-- Ends a job that is not finished; cancelling twice is the same. What it has done until then stays done.
-- rc -4 none of theirs, -5 it is done or has failed.
create or replace function khop.job_cancel(p_token bytea, p_now timestamptz, p_job_id int8) returns setof khop.job_row
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_found record;
    v_job khop.job;
begin
    select * into v_found from khop.job_find(p_token, p_now, p_job_id, true);
    v_job := v_found.job;
    if v_found.rc = 0 then
        update khop.job j set state = 'cancelled', finished_at = p_now
         where j.bucket = v_job.bucket and j.job_id = p_job_id and j.state in ('queued', 'running', 'waiting');
        if found then
            delete from khop.job_chunk c where c.bucket = v_job.bucket and c.job_id = p_job_id;
            delete from khop.job_line l where l.bucket = v_job.bucket and l.job_id = p_job_id;
        end if;
        select j.* into v_job from khop.job j where j.bucket = v_job.bucket and j.job_id = p_job_id;
        v_found.rc := case when v_job.state = 'cancelled' then 0 else -5 end;
    end if;
    return query select s.* from khop.job_show(case when v_found.rc in (0, -5) then v_job end, v_found.rc::int2, false) s;
end $f$;
alter function khop.job_cancel owner to khop_fn_org;
revoke all on function khop.job_cancel from public;
grant execute on function khop.job_cancel to khop_serve;
comment on function khop.job_cancel is 'Ends a job that is not finished';
