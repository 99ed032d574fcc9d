-- What the holder of a token or session may do, as bits (login.sql): for functions that have logged in and show more to some.
create or replace function khop.scopes_of(p_token bytea) returns int4
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
begin
    return coalesce((select t.scopes from khop.api_token t where t.token_hash = p_token),
                    (select s.scopes from khop.session s where s.session_hash = p_token and s.stage = 2), 0);
end $f$;
alter function khop.scopes_of owner to khop_owner;
revoke all on function khop.scopes_of from public;
grant execute on function khop.scopes_of to khop_fn_org, khop_fn_settle;
comment on function khop.scopes_of is 'The scopes of a token or session';
