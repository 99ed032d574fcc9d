-- The accounts that a job's codes may name: those of its organisation. rc -5: the job is this worker's no more.
create or replace function khop.job_accounts(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz)
returns table (rc int2, account_id int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
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
    return query select 0::int2, a.account_id from khop.account a where a.org_id = v_job.org_id order by a.account_id;
end $f$;
alter function khop.job_accounts owner to khop_fn_org;
revoke all on function khop.job_accounts from public;
grant execute on function khop.job_accounts to khop_jobs;
comment on function khop.job_accounts is 'Accounts that a job''s codes may name';
