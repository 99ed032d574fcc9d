-- A page of a report of the token's organisation; see report_lines.
create or replace function khop.report_show(p_token bytea, p_now timestamptz, p_name text, p_filter text, p_after_a int8, p_after_b int8, p_limit int4)
returns setof khop.report_line
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_login record;
    v_line khop.report_line;
begin
    select * into v_login from khop.login(p_token, p_now, 1 | 4);
    if v_login.rc <> 0 then
        v_line.rc := v_login.rc;
        return next v_line;
        return;
    end if;
    return query select * from khop.report_lines(v_login.bucket, v_login.org_id, p_now, p_name, p_filter::jsonb, p_after_a, p_after_b, least(p_limit, 1000));
end $f$;
alter function khop.report_show owner to khop_fn_org;
revoke all on function khop.report_show from public;
grant execute on function khop.report_show to khop_serve;
comment on function khop.report_show is 'A page of a report';
