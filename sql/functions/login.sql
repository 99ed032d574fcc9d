-- The login step of every function that takes a token: finds the token by its hash, checks expiry and scope, and opens its
-- organisation to row level security for this transaction (security.md §5). Look-ups that are given no time pass the statement's.
-- p_scopes: any of these bits is enough.
-- rc 0, -6 (unknown, ended or expired) or -7 (without the scope); whatever an earlier login of this transaction opened is closed.
create or replace function khop.login(p_token bytea, p_now timestamptz, p_scopes int4,
    out rc int2, out org_id int8, out bucket int4, out token_id int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
declare
    v_token khop.api_token;
begin
    select * into v_token from khop.api_token t
     where t.token_hash = p_token and t.expires_at > p_now and (t.ended_at is null or t.ended_at > p_now);
    rc := case when v_token.token_id is null then -6 when v_token.scopes & p_scopes = 0 then -7 else 0 end;
    if rc = 0 then
        org_id := v_token.org_id;
        bucket := v_token.bucket;
        token_id := v_token.token_id;
    end if;
    perform set_config('khop.orgs', coalesce(org_id::text, ''), true);
end $f$;
alter function khop.login owner to khop_owner;
revoke all on function khop.login from public;
grant execute on function khop.login to khop_fn_org;
comment on function khop.login is 'Checks an API token and opens its organisation for this transaction';
