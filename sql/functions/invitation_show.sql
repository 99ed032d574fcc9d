-- What a link is for, to whoever has it. `known`: somebody has that login already.
-- rc -4: no such link, used, ended or too old.
create or replace function khop.invitation_show(p_hash bytea, p_now timestamptz)
returns table (rc int2, purpose text, login text, name text, role text, org_name text, org_code text, known bool, needs_factor bool)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
begin
    return query
    select 0::int2, i.purpose, i.login, coalesce(u.name, i.name), i.role, o.name, o.code, u.user_id is not null,
           u.totp_sealed is not null or khop.role_factor(i.role) is true
             or exists (select 1 from khop.membership m where m.user_id = u.user_id and m.ended_at is null and khop.role_factor(m.role))
      from khop.invitation i
      join lateral (select o.* from khop.org o where o.org_id = i.org_id limit 1) o on true
      left join lateral (select u.* from khop.app_user u where u.login = i.login limit 1) u on true
     where i.token_hash = p_hash and i.used_at is null and i.ended_at is null and i.expires_at > p_now;
    if not found then
        rc := -4;
        return next;
    end if;
end $f$;
alter function khop.invitation_show owner to khop_owner;
revoke all on function khop.invitation_show from public;
grant execute on function khop.invitation_show to khop_serve;
comment on function khop.invitation_show is 'What a link is for';
