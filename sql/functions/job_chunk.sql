-- Keeps a piece of the input of a job of this kind that is still being sent. The same piece again is the same.
create or replace function khop.job_chunk(p_token bytea, p_now timestamptz, p_kind text, p_random int8, p_at int4, p_bytes bytea) returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_login record;
begin
    select * into v_login from khop.login(p_token, p_now, (select k.scopes from khop.job_kind(p_kind) k));
    rc := v_login.rc;
    if rc = 0 then
        insert into khop.job_chunk (bucket, job_id, at, org_id, bytes, created_at)
        values (v_login.bucket, v_login.bucket::int8 << 48 | (p_random & ((1::int8 << 48) - 1)), p_at, v_login.org_id, p_bytes, p_now)
        on conflict do nothing;
    end if;
    return next;
end $f$;
alter function khop.job_chunk owner to khop_fn_org;
revoke all on function khop.job_chunk from public;
grant execute on function khop.job_chunk to khop_serve;
comment on function khop.job_chunk is 'Keeps a piece of a job''s input';
