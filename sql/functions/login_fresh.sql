-- The login step of what needs the person to be there (security.md §4, step-up): as khop.login, and the holder of a session has proved
-- it within the last five minutes. API tokens are always fresh.
-- rc -14: not fresh; nothing is opened.
create or replace function khop.login_fresh(p_token bytea, p_now timestamptz, p_scopes int4,
    out rc int2, out org_id int8, out bucket int4, out token_id int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
begin
    select l.* into rc, org_id, bucket, token_id from khop.login(p_token, p_now, p_scopes) l;
    if rc = 0 and exists (select 1 from khop.session s where s.session_hash = p_token and s.fresh_at <= p_now - interval '5 minutes') then
        rc := -14;
        org_id := null;
        bucket := null;
        token_id := null;
        perform set_config('khop.orgs', '', true);
    end if;
end $f$;
alter function khop.login_fresh owner to khop_owner;
revoke all on function khop.login_fresh from public;
grant execute on function khop.login_fresh to khop_fn_org, khop_fn_settle;
comment on function khop.login_fresh is 'Checks an API token or a session whose holder has just proved to be there';
