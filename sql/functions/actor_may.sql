-- Whether this user, or this token, has one of the scopes in the organisation now: for a job, which knows who started it. Memberships and tokens
-- stand where pages may not read.
create or replace function khop.actor_may(p_org_id int8, p_actor int8, p_scopes int4, p_now timestamptz) returns bool
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
begin
    return exists (select 1 from khop.membership m
                    where m.user_id = p_actor and m.org_id = p_org_id and m.ended_at is null and khop.role_scopes(m.role) & p_scopes <> 0)
        or exists (select 1 from khop.api_token t
                    where t.token_id = p_actor and t.org_id = p_org_id and t.scopes & p_scopes <> 0 and t.ended_at is null and t.expires_at > p_now);
end $f$;
alter function khop.actor_may owner to khop_owner;
revoke all on function khop.actor_may from public;
grant execute on function khop.actor_may to khop_fn_org;
comment on function khop.actor_may is 'Whether somebody has a scope in an organisation';
