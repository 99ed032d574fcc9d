-- The sellers of an organisation that the caller's login has opened, for a form to choose from: members who are vendors.
create or replace function khop.vendor_list(p_org_id int8) returns table (user_id int8, name text)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
begin
    return query
    select m.user_id, u.name from khop.membership m
      join lateral (select u.* from khop.app_user u where u.user_id = m.user_id limit 1) u on true
     where m.org_id = p_org_id and m.role = 'vendor' and m.ended_at is null and u.disabled_at is null
       and m.org_id = any (string_to_array(current_setting('khop.orgs', true), ',')::int8[])
     order by u.name, m.user_id limit 1000;
end $f$;
alter function khop.vendor_list owner to khop_owner;
revoke all on function khop.vendor_list from public;
grant execute on function khop.vendor_list to khop_fn_org;
comment on function khop.vendor_list is 'Members of an organisation who sell';
