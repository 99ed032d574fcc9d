-- Ends a job that is not finished; cancelling twice is the same. What it has issued until then stays issued.
-- rc -4 none of theirs, -5 it is done or has failed.
create or replace function khop.job_cancel(p_token bytea, p_now timestamptz, p_job_id int8) returns setof khop.job_row
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_login record;
    v_row khop.job_row;
begin
    select * into v_login from khop.login(p_token, p_now, 2);
    v_row.rc := v_login.rc;
    if v_row.rc = 0 then
        update khop.job j set state = 'cancelled', finished_at = p_now
         where j.bucket = v_login.bucket and j.job_id = p_job_id and j.org_id = v_login.org_id and j.state in ('queued', 'running');
        if found then
            delete from khop.job_chunk c where c.bucket = v_login.bucket and c.job_id = p_job_id;
        end if;
        select case when j.state = 'cancelled' then 0 else -5 end, false, j.job_id, j.kind, j.state, j.total, j.done, j.created_at, j.started_at,
               j.finished_at, j.error::text into v_row
          from khop.job j where j.bucket = v_login.bucket and j.job_id = p_job_id and j.org_id = v_login.org_id;
        v_row.rc := coalesce(v_row.rc, -4);
    end if;
    return next v_row;
end $f$;
alter function khop.job_cancel owner to khop_fn_org;
revoke all on function khop.job_cancel from public;
grant execute on function khop.job_cancel to khop_serve;
comment on function khop.job_cancel is 'Ends a job that is not finished';
