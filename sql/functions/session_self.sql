-- The person of a session, also of one that owes the second factor. p_required: whether roles need one here.
-- rc -6: no such session.
create or replace function khop.session_self(p_token bytea, p_now timestamptz, p_required bool)
returns table (rc int2, stage int2, user_id int8, login text, name text, totp bool, needs_factor bool, recovery_left int4, role text,
        org_name text, fresh bool)
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
    if v_session.session_id is null then
        rc := -6;
        return next;
        return;
    end if;
    return query
    select 0::int2, v_session.stage, u.user_id, u.login, u.name, u.totp_sealed is not null,
           p_required and exists (select 1 from khop.membership m where m.user_id = u.user_id and m.ended_at is null and khop.role_factor(m.role)),
           (select count(*) from khop.recovery_code c where c.user_id = u.user_id and c.used_at is null)::int4, v_session.role, o.name,
           v_session.fresh_at > p_now - interval '5 minutes'
      from khop.app_user u, khop.org o where u.user_id = v_session.user_id and o.org_id = v_session.org_id;
end $f$;
alter function khop.session_self owner to khop_owner;
revoke all on function khop.session_self from public;
grant execute on function khop.session_self to khop_serve;
comment on function khop.session_self is 'The person of a session';
