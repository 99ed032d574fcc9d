-- Whose report a job makes: name and code of the organisation. rc -5: the job is not the worker's any more.
create or replace function khop.job_report_org(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz) returns table (rc int2, name text, code text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
declare
    v_job constant khop.job := khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
begin
    rc := case when v_job.job_id is null then -5 else 0 end;
    select o.name, o.code into name, code from khop.org o where o.org_id = v_job.org_id;
    return next;
end $f$;
alter function khop.job_report_org owner to khop_fn_org;
revoke all on function khop.job_report_org from public;
grant execute on function khop.job_report_org to khop_jobs;
comment on function khop.job_report_org is 'The organisation of a report that a job makes';
