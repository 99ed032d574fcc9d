-- May this user, or this token, sell at a stall of the organisation: memberships and tokens stand where pages may not read.
create or replace function khop.is_vendor(p_org_id int8, p_actor int8, p_now timestamptz) returns bool
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
begin
    return exists (select 1 from khop.membership m where m.user_id = p_actor and m.org_id = p_org_id and m.role = 'vendor' and m.ended_at is null)
        or exists (select 1 from khop.api_token t where t.token_id = p_actor and t.org_id = p_org_id and t.scopes & 32 <> 0 and t.ended_at is null
                      and t.expires_at > p_now);
end $f$;
alter function khop.is_vendor owner to khop_owner;
revoke all on function khop.is_vendor from public;
grant execute on function khop.is_vendor to khop_fn_org;
comment on function khop.is_vendor is 'Whether somebody may be the seller of a stall';
