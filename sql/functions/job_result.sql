-- A piece of the file that came out of a job, the one that begins at p_at. rc -4: no job of theirs, none that has ended with a file, or its file
-- is gone by now. Whoever takes a file with names is written down, once, with its first piece.
create or replace function khop.job_result(p_token bytea, p_now timestamptz, p_job_id int8, p_at int8)
returns table (rc int2, name text, type text, size int8, bytes bytea)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_found record;
    v_job khop.job;
begin
    select * into v_found from khop.job_find(p_token, p_now, p_job_id, false);
    v_job := v_found.job;
    rc := v_found.rc;
    if rc = 0 then
        select o.bytes into bytes from khop.job_output o where o.bucket = v_job.bucket and o.job_id = p_job_id and o.at = p_at;
        if not found or v_job.out_name is null or v_job.state in ('queued', 'running') then
            rc := -4;
        end if;
        name := v_job.out_name;
        type := v_job.out_type;
        size := v_job.out_size;
        if rc = 0 and p_at = 0 and v_job.created_by <> 0 and (select k.personal from khop.job_kind(v_job.kind) k) then
            perform khop.audit_add(p_token, p_now, 'export', khop.public_id('job', p_job_id), 'ok',
                                   concat_ws(' ', v_job.kind, v_job.params ->> 'name', v_job.params ->> 'format'));
        end if;
    end if;
    return next;
end $f$;
alter function khop.job_result owner to khop_fn_org;
revoke all on function khop.job_result from public;
grant execute on function khop.job_result to khop_serve;
comment on function khop.job_result is 'A piece of the file that came out of a job';
