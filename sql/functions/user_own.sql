-- What an administrator may do to a person of the organisation that is open: 0 everything (the person is of no other), -1 only end roles here, -4
-- not of this organisation.
create or replace function khop.user_own(p_org_id int8, p_user_id int8)
returns int2
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
begin
    return case when not exists (select 1 from khop.membership m where m.user_id = p_user_id and m.org_id = p_org_id and m.ended_at is null) then -4
                when exists (select 1 from khop.membership m where m.user_id = p_user_id and m.org_id <> p_org_id and m.ended_at is null) then -1
                else 0 end;
end $f$;
alter function khop.user_own owner to khop_owner;
revoke all on function khop.user_own from public;
comment on function khop.user_own is 'What an administrator may do to a person';
