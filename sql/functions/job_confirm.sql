-- Says yes to what a job has found in its input: it goes on and does it. Saying it twice is the same.
-- rc -4 none of theirs, -5 it asks for nothing: it is at work, has ended, or failed.
create or replace function khop.job_confirm(p_token bytea, p_now timestamptz, p_job_id int8) returns setof khop.job_row
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_found record;
    v_login record;
    v_job khop.job;
begin
    select * into v_found from khop.job_find(p_token, p_now, p_job_id, true);
    v_job := v_found.job;
    if v_found.rc = 0 then
        select * into v_login from khop.login(p_token, p_now, -1);
        update khop.job j set state = 'queued', confirmed_at = p_now, confirmed_by = v_login.token_id, takes = 0, done = 0, total = null, stage = null
         where j.bucket = v_job.bucket and j.job_id = p_job_id and j.state = 'waiting';
        select j.* into v_job from khop.job j where j.bucket = v_job.bucket and j.job_id = p_job_id;
        v_found.rc := case when v_job.confirmed_at is not null and v_job.state in ('queued', 'running', 'done') then 0 else -5 end;
    end if;
    return query select s.* from khop.job_show(case when v_found.rc in (0, -5) then v_job end, v_found.rc::int2, false) s;
end $f$;
alter function khop.job_confirm owner to khop_fn_org;
revoke all on function khop.job_confirm from public;
grant execute on function khop.job_confirm to khop_serve;
comment on function khop.job_confirm is 'Says yes to what a job has found';
