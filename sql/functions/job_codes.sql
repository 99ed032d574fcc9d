-- The codes that a job has issued, in the order of its lines, from the one behind p_after (0: from the first).
-- Their ids ascend, so a page is one stretch of the primary key, also by a plan that was made while the tables were empty.
-- `line` counts records from 1. rc -4: no job of theirs.
create or replace function khop.job_codes(p_token bytea, p_now timestamptz, p_job_id int8, p_after int4, p_limit int4)
returns table (rc int2, format text, line int4, charge_id int8, code_no int4, token bytea, ref text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
as $f$
#variable_conflict use_column
declare
    v_login record;
    v_job khop.job;
begin
    select * into v_login from khop.login(p_token, p_now, 1);
    rc := v_login.rc;
    if rc = 0 then
        select * into v_job from khop.job j
         where j.bucket = v_login.bucket and j.job_id = p_job_id and j.org_id = v_login.org_id;
        rc := case when v_job.job_id is null then -4 else 0 end;
    end if;
    if rc <> 0 then
        return next;
        return;
    end if;
    return query
    select 0::int2, v_job.format, (c.charge_id - v_job.first_id)::int4, c.charge_id, c.code_no, c.token,
           (select payer.ref from khop.party payer where payer.bucket = v_login.bucket and payer.charge_id = c.charge_id and payer.role = 1)
      from khop.charge c
     where c.bucket = v_login.bucket and c.charge_id > v_job.first_id + p_after
       and c.charge_id <= v_job.first_id + least(p_after::int8 + p_limit, v_job.total)
     order by c.charge_id;
end $f$;
alter function khop.job_codes owner to khop_fn_org;
revoke all on function khop.job_codes from public;
grant execute on function khop.job_codes to khop_serve;
comment on function khop.job_codes is 'Codes that a job has issued, by line';
