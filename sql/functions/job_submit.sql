-- Queues the job whose input has come whole. Idempotent by the key: the same input again gets the first job, and is dropped.
-- rc -1 pieces are missing, -5 the key was used with another input.
create or replace function khop.job_submit(p_token bytea, p_now timestamptz, p_random int8, p_key_hash bytea, p_kind text, p_format text,
    p_size int4) returns setof khop.job_row
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_login record;
    v_row khop.job_row;
    v_job_id int8;
    v_size int8;
    v_hash bytea;
    v_stored khop.job;
begin
    select * into v_login from khop.login(p_token, p_now, 2);
    v_row.rc := v_login.rc;
    if v_row.rc = 0 then
        v_job_id := v_login.bucket::int8 << 48 | (p_random & ((1::int8 << 48) - 1));
        -- A hash of the pieces' hashes: what was sent never stands in memory at once.
        select coalesce(sum(octet_length(c.bytes)), 0),
               sha256(convert_to(p_kind || ' ' || p_format, 'UTF8') || coalesce(string_agg(sha256(c.bytes), ''::bytea order by c.at), ''))
          into v_size, v_hash
          from khop.job_chunk c where c.bucket = v_login.bucket and c.job_id = v_job_id;
        insert into khop.job (bucket, job_id, org_id, kind, format, size, created_at, created_by, key_hash, request_hash)
        values (v_login.bucket, v_job_id, v_login.org_id, p_kind, p_format, p_size, p_now, v_login.token_id, p_key_hash, v_hash)
        on conflict do nothing;
        select j.* into v_stored from khop.job j
         where j.bucket = v_login.bucket and j.org_id = v_login.org_id and j.key_hash = p_key_hash;
        if v_stored.job_id <> v_job_id then
            delete from khop.job_chunk c where c.bucket = v_login.bucket and c.job_id = v_job_id;
            v_row.repeated := true;
        elsif v_size <> p_size and v_stored.state = 'queued' then
            raise exception 'job_submit: % of % bytes', v_size, p_size using errcode = '22000';
        end if;
        if v_row.repeated and v_stored.request_hash <> v_hash then
            v_row.rc := -5;
        end if;
    end if;
    if v_row.rc = 0 then
        select 0, coalesce(v_row.repeated, false), v_stored.job_id, v_stored.kind, v_stored.state, v_stored.total, v_stored.done, v_stored.created_at,
               v_stored.started_at, v_stored.finished_at, v_stored.error::text into v_row;
    end if;
    return next v_row;
end $f$;
alter function khop.job_submit owner to khop_fn_org;
revoke all on function khop.job_submit from public;
grant execute on function khop.job_submit to khop_serve;
comment on function khop.job_submit is 'Queues a job; idempotent by the key';
