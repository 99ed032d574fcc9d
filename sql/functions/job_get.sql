-- A job of the token's organisation. rc -4: none of theirs.
create or replace function khop.job_get(p_token bytea, p_now timestamptz, p_job_id int8) returns setof khop.job_row
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_found record;
begin
    select * into v_found from khop.job_find(p_token, p_now, p_job_id, false);
    return query select s.* from khop.job_show(case when v_found.rc = 0 then v_found.job end, v_found.rc::int2, false) s;
end $f$;
alter function khop.job_get owner to khop_fn_org;
revoke all on function khop.job_get from public;
grant execute on function khop.job_get to khop_serve;
comment on function khop.job_get is 'A job with its progress';
