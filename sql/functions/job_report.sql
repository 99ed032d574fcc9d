-- A page of a report for a job of kind report, which makes a file of it: the filter is in its parameters. rc -5: the job is not the worker's any more.
create or replace function khop.job_report(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_name text, p_after_a int8, p_after_b int8, p_limit int4)
returns setof khop.report_line
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_job constant khop.job := khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    v_line khop.report_line;
begin
    if v_job.job_id is null then
        v_line.rc := -5;
        return next v_line;
        return;
    end if;
    return query select * from khop.report_lines(p_bucket, v_job.org_id, p_now, p_name, v_job.params, p_after_a, p_after_b, least(p_limit, 1000));
end $f$;
alter function khop.job_report owner to khop_fn_org;
revoke all on function khop.job_report from public;
grant execute on function khop.job_report to khop_jobs;
comment on function khop.job_report is 'A page of the report that a job makes a file of';
