-- Whose session this is or was, also when it has ended within a day; live: it may be used, when its person proves again to be there.
-- rc -6: nobody's.
create or replace function khop.session_owner(p_token bytea, p_now timestamptz)
returns table (rc int2, user_id int8, login text, totp bool, live bool)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_live khop.session;
begin
    v_live := khop.session_find(p_token, p_now);
    return query
    select 0::int2, u.user_id, u.login, u.totp_sealed is not null, coalesce(v_live.stage = 2, false)
      from (select s.user_id from khop.session s
             where s.session_hash = p_token and s.expires_at > p_now - interval '1 day' and coalesce(s.ended_at > p_now - interval '1 day', true)) s
      join lateral (select u.* from khop.app_user u where u.user_id = s.user_id and u.disabled_at is null limit 1) u on true;
    if not found then
        rc := -6;
        return next;
    end if;
end $f$;
alter function khop.session_owner owner to khop_owner;
revoke all on function khop.session_owner from public;
grant execute on function khop.session_owner to khop_serve;
comment on function khop.session_owner is 'Whose session this is or was';
