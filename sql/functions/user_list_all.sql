-- Everybody, with what they are: a row for each role of each organisation.
create or replace function khop.user_list_all(p_org_id int8)
returns table (user_id int8, login text, name text, org_id int8, org_name text, role text, disabled bool, totp bool, signed_in_at timestamptz, pepper int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
begin
    return query
    select u.user_id, u.login, u.name, o.org_id, o.name, m.role, u.disabled_at is not null, u.totp_sealed is not null, u.signed_in_at, u.pepper
      from khop.app_user u
      left join khop.membership m on m.user_id = u.user_id and m.ended_at is null
      left join khop.org o on o.org_id = m.org_id
     where p_org_id is null or m.org_id = p_org_id
     order by u.login collate "C", o.name, m.role;
end $f$;
alter function khop.user_list_all owner to khop_owner;
revoke all on function khop.user_list_all from public;
comment on function khop.user_list_all is 'Everybody, for the operator';
