-- The sessions of the person, newest first; `current` is the one that asks.
-- rc -6: no such session.
create or replace function khop.session_list(p_token bytea, p_now timestamptz)
returns table (rc int2, session_id int8, current bool, org_name text, role text, ip text, agent text, created_at timestamptz, seen_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_session khop.session;
begin
    v_session := khop.session_find(p_token, p_now);
    if v_session.session_id is null or v_session.stage <> 2 then
        rc := -6;
        return next;
        return;
    end if;
    return query
    select 0::int2, s.session_id, s.session_hash = p_token, o.name, s.role, s.ip, s.agent, s.created_at, s.seen_at
      from khop.session s join lateral (select o.name from khop.org o where o.org_id = s.org_id limit 1) o on true
     where s.user_id = v_session.user_id and s.ended_at is null and s.stage = 2 and s.expires_at > p_now
       and s.seen_at + s.idle_s * interval '1 second' > p_now
     order by s.created_at desc, s.session_id limit 20;
end $f$;
alter function khop.session_list owner to khop_owner;
revoke all on function khop.session_list from public;
grant execute on function khop.session_list to khop_serve;
comment on function khop.session_list is 'The sessions of a person';
