-- Pairs the lines of a file's days with events. linked: how many now; open: lines of the file from the day on that the account is kept here that are
-- no event yet; seen: how far the journal had come. rc -5: the job is this worker's no more.
create or replace function khop.statement_match(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_file_id int8)
returns table (rc int2, linked int4, open int4, seen int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set jit = off
as $f$
declare
    v_job khop.job;
    v_file khop.statement_file;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    select * into v_file from khop.statement_file f where f.bucket = p_bucket and f.file_id = p_file_id and f.org_id = v_job.org_id;
    rc := case when v_file.file_id is null then -5 else 0 end;
    if rc = 0 then
        select coalesce(max(h.next_seq), 1) into seen from khop.org_head h where h.bucket = p_bucket and h.org_id = v_file.org_id;
        linked := khop.statement_pair(p_bucket, v_file.org_id, v_file.account_id, v_file.covered_from, v_file.covered_to, p_now);
        select count(*) into open from khop.statement_open(p_bucket, p_file_id, 0, null);
    end if;
    return next;
end $f$;
alter function khop.statement_match owner to khop_fn_settle;
revoke all on function khop.statement_match from public;
grant execute on function khop.statement_match to khop_jobs;
comment on function khop.statement_match is 'Pairs the lines of a file with events';
