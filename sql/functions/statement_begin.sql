-- What a job that reads a statement must know: the account, by the parameter "account" (a number), and whether this very file is known. Rows of an
-- earlier try go. rc -4: the account is not theirs; -5: the job is this worker's no more.
create or replace function khop.statement_begin(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_hash bytea)
returns table (rc int2, account_id int8, account_no text, bin text, file_id int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set jit = off
as $f$
#variable_conflict use_column
declare
    v_job khop.job;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    rc := case when v_job.job_id is null then -5 else 0 end;
    if rc = 0 then
        delete from khop.statement_stage s where s.bucket = p_bucket and s.job_id = p_job_id;
        select a.account_id, a.account_no, a.bin into account_id, account_no, bin
          from khop.account a where a.account_id = (v_job.params ->> 'account')::int8 and a.org_id = v_job.org_id
           and (a.owner_id is null or a.owner_id = v_job.created_by); -- not somebody's own
        rc := case when account_id is null then -4 else 0 end;
        select f.file_id into file_id from khop.statement_file f where f.bucket = p_bucket and f.account_id = account_id and f.hash = p_hash;
    end if;
    return next;
end $f$;
alter function khop.statement_begin owner to khop_fn_settle;
revoke all on function khop.statement_begin from public;
grant execute on function khop.statement_begin to khop_jobs;
comment on function khop.statement_begin is 'The account of a job that reads a statement';
