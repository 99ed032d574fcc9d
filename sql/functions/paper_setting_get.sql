-- What the papers of the token's organisation say about it.
create or replace function khop.paper_setting_get(p_token bytea, p_now timestamptz)
returns table (rc int2, budget_code text, address text, form text, circular text, collector text, hotline text, changed_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
declare
    v_login record;
begin
    select * into v_login from khop.login(p_token, p_now, 1);
    return query
    select v_login.rc, s.budget_code, s.address, s.form, s.circular, s.collector, s.hotline, s.changed_at
      from (values (1)) x left join lateral (select * from khop.paper_setting_of(v_login.bucket, v_login.org_id)) s on v_login.rc = 0;
end $f$;
alter function khop.paper_setting_get owner to khop_fn_org;
revoke all on function khop.paper_setting_get from public;
grant execute on function khop.paper_setting_get to khop_serve;
comment on function khop.paper_setting_get is 'What the papers of an organisation say about it';
