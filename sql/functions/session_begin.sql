-- Begins a session of a user, as what p_role says, or goes on with the one that has owed the second factor (p_old, its hash). p_owes: it owes the
-- second factor still. A user has
-- five at most, and five that owe it: the oldest end.
create or replace function khop.session_begin(p_user_id int8, p_org_id int8, p_role text, p_now timestamptz, p_old bytea, p_hash bytea,
        p_random int8, p_owes bool, p_ip text, p_agent text)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_idle constant int4 := case when p_role = 'vendor' then 3600 else 900 end;
begin
    perform from khop.session s where s.user_id = p_user_id and s.ended_at is null order by s.session_id for update;
    if p_old is not null then
        update khop.session s set session_hash = p_hash, stage = case when p_owes then 1 else 2 end, org_id = p_org_id, role = p_role,
               bucket = (select o.bucket from khop.org o where o.org_id = p_org_id), scopes = khop.role_scopes(p_role), idle_s = v_idle,
               seen_at = p_now, fresh_at = p_now, expires_at = case when p_owes or s.stage = 2 then s.expires_at else p_now + interval '12 hours' end
         where s.session_hash = p_old;
    else
        insert into khop.session (session_id, session_hash, user_id, stage, org_id, bucket, role, scopes, idle_s, created_at, seen_at, expires_at,
               fresh_at, ip, agent)
        select p_random & ((1::int8 << 48) - 1), p_hash, p_user_id, case when p_owes then 1 else 2 end, p_org_id, o.bucket, p_role,
               khop.role_scopes(p_role), v_idle, p_now, p_now, p_now + case when p_owes then interval '15 minutes' else interval '12 hours' end,
               p_now, left(p_ip, 64), left(p_agent, 200)
          from khop.org o where o.org_id = p_org_id;
    end if;
    update khop.session s set ended_at = p_now
     where s.session_id in (select x.session_id from khop.session x where x.user_id = p_user_id and x.ended_at is null and x.session_hash <> p_hash
                               and x.stage = case when p_owes then 1 else 2 end
                             order by x.created_at desc, x.session_id offset 4);
end $f$;
alter function khop.session_begin owner to khop_owner;
revoke all on function khop.session_begin from public;
comment on function khop.session_begin is 'Begins a session';
