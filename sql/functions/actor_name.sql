-- Who an actor was (created_by and the like): the name of a user or of an API token of an organisation that is open. NULL: of none.
create or replace function khop.actor_name(p_actor int8) returns text
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
begin
    return coalesce((select u.name from khop.app_user u where u.user_id = p_actor),
                    (select t.name from khop.api_token t where t.token_id = p_actor
                        and t.org_id = any (string_to_array(current_setting('khop.orgs', true), ',')::int8[])));
end $f$;
alter function khop.actor_name owner to khop_owner;
revoke all on function khop.actor_name from public;
grant execute on function khop.actor_name to khop_fn_org;
comment on function khop.actor_name is 'The name of a user or API token';
