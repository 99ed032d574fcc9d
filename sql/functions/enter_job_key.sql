-- The login step of whoever has the key of a public receipt's paper, and nothing else: opens the organisation of that job. NULL: it is no such job.
create or replace function khop.enter_job_key(p_job_id int8, p_key bytea) returns int8
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_org int8;
begin
    select j.org_id into v_org from khop.job j
     where j.bucket = p_job_id >> 48 and j.job_id = p_job_id and j.key_hash = p_key and j.kind = 'receipt' and j.created_by = 0;
    perform set_config('khop.orgs', coalesce(v_org::text, ''), true);
    return v_org;
end $f$;
alter function khop.enter_job_key owner to khop_owner;
revoke all on function khop.enter_job_key from public;
grant execute on function khop.enter_job_key to khop_fn_org;
comment on function khop.enter_job_key is 'Opens the organisation of a public receipt''s paper by its key';
