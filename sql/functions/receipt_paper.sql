-- The job that makes the public paper of a receipt: the rid of its address is the permission. The same receipt as it is now, with the same settings
-- of its unit, has the same job for as long as its file is kept: it is made once. key opens that job and no other (see job_find).
-- rc -4: no such receipt; -13: too many jobs of its organisation wait.
create or replace function khop.receipt_paper(p_bucket int4, p_rid bytea, p_now timestamptz, p_random int8)
returns table (rc int2, job_id int8, state text, key bytea)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    c_layout constant text := 'receipt paper 1'; -- another number when the paper looks different
    v_at record;
    v_receipt khop.receipt_row;
    v_job khop.job;
begin
    select * into v_at from khop.enter_receipt(p_bucket, p_rid);
    select * into v_receipt from khop.receipt_rows(p_bucket, v_at.org_id, array[v_at.seq]);
    if v_receipt.receipt_id is null then
        rc := -4;
        return next;
        return;
    end if;
    rc := 0;
    for v_try in 0 .. 99 loop
        key := sha256(p_rid || convert_to(concat_ws(' ', c_layout, v_try, v_receipt.voided,
            (select s.changed_at from khop.paper_setting s where s.bucket = p_bucket and s.org_id = v_at.org_id)), 'UTF8'));
        select * into v_job from khop.job j where j.bucket = p_bucket and j.org_id = v_at.org_id and j.key_hash = key;
        if v_job.job_id is null then
            if (select count(*) from khop.job j where j.org_id = v_at.org_id and j.state in ('queued', 'running')) >= 20 then
                rc := -13;
                exit;
            end if;
            insert into khop.job (bucket, job_id, org_id, kind, size, created_at, created_by, key_hash, request_hash, params, urgent)
            values (p_bucket, p_bucket::int8 << 48 | (p_random & ((1::int8 << 48) - 1)), v_at.org_id, 'receipt', 0, p_now, 0, key, key,
                    jsonb_build_object('receipt', v_receipt.receipt_id), true)
            on conflict do nothing;
            select * into v_job from khop.job j where j.bucket = p_bucket and j.org_id = v_at.org_id and j.key_hash = key;
            exit;
        end if;
        -- Files are kept for seven days; one that could not be made may be tried again after a while.
        exit when v_job.state in ('queued', 'running') or v_job.state = 'done' and v_job.finished_at > p_now - interval '6 days'
               or v_job.finished_at > p_now - interval '1 minute';
    end loop;
    job_id := v_job.job_id;
    state := v_job.state;
    if rc = 0 and job_id is null then
        rc := -13; -- the random number was taken
    end if;
    return next;
end $f$;
alter function khop.receipt_paper owner to khop_fn_org;
revoke all on function khop.receipt_paper from public;
grant execute on function khop.receipt_paper to khop_serve;
comment on function khop.receipt_paper is 'The job that makes the public paper of a receipt';
