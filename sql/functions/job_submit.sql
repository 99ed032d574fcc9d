-- Queues the job whose input, if it has any, has come whole. Idempotent by the key: the same again gets the first job, and is dropped.
-- A file with names of many people is made for somebody who has just proved to be there (security.md §4).
-- rc -14 not fresh, -4 the round that it is about is none of theirs, -1 pieces are missing,
-- -5 the key was used for something else, -13 too many of its organisation's jobs wait already.
create or replace function khop.job_submit(p_token bytea, p_now timestamptz, p_random int8, p_key_hash bytea, p_kind text, p_format text,
    p_size int4, p_params text, p_urgent bool) returns setof khop.job_row
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_login record;
    v_rc int2;
    v_repeated bool := false;
    v_params constant jsonb := p_params::jsonb;
    v_job_id int8;
    v_size int8;
    v_hash bytea;
    v_stored khop.job;
begin
    if khop.job_named(p_kind, v_params) then
        select * into v_login from khop.login_fresh(p_token, p_now, (select k.scopes from khop.job_kind(p_kind) k));
    else
        select * into v_login from khop.login(p_token, p_now, (select k.scopes from khop.job_kind(p_kind) k));
    end if;
    v_rc := v_login.rc;
    if v_rc = 0 then
        v_job_id := v_login.bucket::int8 << 48 | (p_random & ((1::int8 << 48) - 1));
        -- A hash of the pieces' hashes: what was sent never stands in memory at once.
        select coalesce(sum(octet_length(c.bytes)), 0),
               sha256(convert_to(concat_ws(' ', p_kind, p_format, nullif(v_params, '{}')), 'UTF8') || coalesce(string_agg(sha256(c.bytes), ''::bytea order by c.at), ''))
          into v_size, v_hash
          from khop.job_chunk c where c.bucket = v_login.bucket and c.job_id = v_job_id;
        if p_size = 0 and (select count(*) from khop.job j where j.org_id = v_login.org_id and j.state in ('queued', 'running')) >= 20 then
            v_rc := -13; -- what has input was asked before (job_begin)
        end if;
        if v_params ? 'round' and not exists (
            select 1 from khop.round r where r.bucket = v_login.bucket and r.round_id = (v_params ->> 'round')::int8 and r.org_id = v_login.org_id) then
            v_rc := -4;
        end if;
    end if;
    if v_rc = 0 then
        insert into khop.job (bucket, job_id, org_id, kind, format, size, created_at, created_by, key_hash, request_hash, params, urgent)
        values (v_login.bucket, v_job_id, v_login.org_id, p_kind, p_format, p_size, p_now, v_login.token_id, p_key_hash, v_hash, v_params, p_urgent)
        on conflict do nothing;
        select j.* into v_stored from khop.job j
         where j.bucket = v_login.bucket and j.org_id = v_login.org_id and j.key_hash = p_key_hash;
        if v_stored.job_id <> v_job_id then
            delete from khop.job_chunk c where c.bucket = v_login.bucket and c.job_id = v_job_id;
            v_repeated := true;
        elsif v_size <> p_size and v_stored.state = 'queued' then
            raise exception 'job_submit: % of % bytes', v_size, p_size using errcode = '22000';
        end if;
        if v_repeated and v_stored.request_hash <> v_hash then
            v_rc := -5;
        end if;
    end if;
    return query select s.* from khop.job_show(case when v_rc = 0 then v_stored end, v_rc, v_repeated) s;
end $f$;
alter function khop.job_submit owner to khop_fn_org;
revoke all on function khop.job_submit from public;
grant execute on function khop.job_submit to khop_serve;
comment on function khop.job_submit is 'Queues a job; idempotent by the key';
