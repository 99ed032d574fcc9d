-- Creates an API token from the hash of its text. NULL: no such organisation.
create or replace function khop.token_create(p_now timestamptz, p_random int8, p_org_id int8, p_token_hash bytea, p_scopes int4, p_name text,
    p_expires_at timestamptz)
returns table (token_id int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
begin
    insert into khop.api_token (token_id, token_hash, org_id, bucket, scopes, name, created_at, expires_at)
    select o.bucket::int8 << 48 | (p_random & ((1::int8 << 48) - 1)), p_token_hash, o.org_id, o.bucket, p_scopes, p_name, p_now, p_expires_at
      from khop.org o where o.org_id = p_org_id
    returning khop.api_token.token_id into token_id;
    return next;
end $f$;
alter function khop.token_create owner to khop_owner;
revoke all on function khop.token_create from public;
comment on function khop.token_create is 'Creates an API token of an organisation';
