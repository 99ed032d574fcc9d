-- The people of the organisation with what they are in it, by the first eight letters of the login and the id; the next page begins after
-- those of the last one (p_after, p_after_id). Of those who left only who acted lately
-- matters elsewhere: they are not here. `elsewhere`: is also something in another organisation, so that only its own memberships may be ended.
create or replace function khop.user_list(p_token bytea, p_now timestamptz, p_after text, p_after_id int8, p_limit int4)
returns table (rc int2, user_id int8, login text, name text, roles text, disabled bool, signed_in_at timestamptz, totp bool, elsewhere bool)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_login record;
begin
    select * into v_login from khop.login(p_token, p_now, 8 | 256);
    if v_login.rc <> 0 then
        rc := v_login.rc;
        return next;
        return;
    end if;
    return query
    select 0::int2, u.user_id, u.login, u.name, m.roles, u.disabled_at is not null, u.signed_in_at, u.totp_sealed is not null,
           exists (select 1 from khop.membership x where x.user_id = u.user_id and x.org_id <> v_login.org_id and x.ended_at is null)
      from (select m.user_id, string_agg(m.role, ',' order by m.role) as roles from khop.membership m
             where m.org_id = v_login.org_id and m.ended_at is null group by m.user_id) m
      join lateral (select u.* from khop.app_user u where u.user_id = m.user_id limit 1) u on true
     where p_after_id is null or (left(u.login, 8) collate "C", u.user_id) > (p_after collate "C", p_after_id)
     order by left(u.login, 8) collate "C", u.user_id limit least(p_limit, 1000);
end $f$;
alter function khop.user_list owner to khop_owner;
revoke all on function khop.user_list from public;
grant execute on function khop.user_list to khop_serve;
comment on function khop.user_list is 'The people of an organisation';
