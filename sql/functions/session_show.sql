-- Who has signed in with this session: a row for each membership that the person has, the current one first. Any role may ask.
-- rc -6: nobody. An API token gets one row without a user.
create or replace function khop.session_show(p_token bytea, p_now timestamptz)
returns table (rc int2, user_id int8, login text, name text, org_id int8, org_name text, org_kind text, role text, scopes int4, current bool,
    fresh bool, totp bool, expires_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_login record;
    v_session khop.session;
begin
    select * into v_login from khop.login(p_token, p_now, 511);
    rc := v_login.rc;
    if rc <> 0 then
        return next;
        return;
    end if;
    select * into v_session from khop.session s where s.session_hash = p_token;
    if v_session.session_id is null then
        return query select 0::int2, null::int8, null::text, t.name, t.org_id, o.name, o.kind, null::text, t.scopes, true, true, false, t.expires_at
          from khop.api_token t, khop.org o where t.token_hash = p_token and o.org_id = t.org_id;
        return;
    end if;
    return query
    select 0::int2, u.user_id, u.login, u.name, m.org_id, o.name, o.kind, m.role, khop.role_scopes(m.role),
           m.org_id = v_session.org_id and m.role = v_session.role, v_session.fresh_at > p_now - interval '5 minutes', u.totp_sealed is not null,
           v_session.expires_at
      from khop.app_user u
      join lateral (select m.* from khop.membership m where m.user_id = u.user_id and m.ended_at is null limit 100) m on true
      join lateral (select o.* from khop.org o where o.org_id = m.org_id limit 1) o on true
     where u.user_id = v_session.user_id
     order by m.org_id <> v_session.org_id or m.role <> v_session.role, o.name, m.org_id, m.role;
end $f$;
alter function khop.session_show owner to khop_owner;
revoke all on function khop.session_show from public;
grant execute on function khop.session_show to khop_serve;
comment on function khop.session_show is 'Who has signed in, and as what they may act';
