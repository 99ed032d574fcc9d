-- Connections of the token's organisation, by id; secrets only as their number. The next page begins after the last id.
create or replace function khop.connection_list(p_token bytea, p_after int8, p_limit int4)
returns table (rc int2, connection_id int8, hook bytea, account_id int8, provider int2, mode int2, role int2, active bool,
    created_at timestamptz, secrets int4)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
as $f$
#variable_conflict use_column
declare
    v_login record;
    v_after constant int8 := coalesce(p_after, 0); -- COALESCE beside a column keeps row level security from using the index
begin
    select * into v_login from khop.login(p_token, statement_timestamp(), 8);
    if v_login.rc <> 0 then
        rc := v_login.rc;
        return next;
        return;
    end if;
    return query select 0::int2, c.connection_id, c.hook, c.account_id, c.provider, c.mode, c.role, c.active, c.created_at,
           (select count(*) from khop.connection_secret s where s.connection_id = c.connection_id and s.ended_at is null)::int4
      from khop.connection c where c.org_id = v_login.org_id and c.connection_id > v_after
     order by c.connection_id limit least(p_limit, 1000);
end $f$;
alter function khop.connection_list owner to khop_fn_org;
revoke all on function khop.connection_list from public;
grant execute on function khop.connection_list to khop_serve;
comment on function khop.connection_list is 'Connections of the organisation';
