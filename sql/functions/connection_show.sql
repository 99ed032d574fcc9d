-- One connection of the token's organisation, a row per active secret, oldest first, so that a rotation can name the one to end.
-- rc -4 none of theirs.
create or replace function khop.connection_show(p_token bytea, p_now timestamptz, p_connection_id int8)
returns table (rc int2, connection_id int8, hook bytea, account_id int8, provider int2, mode int2, role int2, active bool,
    created_at timestamptz, secret_id int8, secret_created_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
declare
    v_login record;
begin
    select * into v_login from khop.login(p_token, p_now, 8);
    rc := v_login.rc;
    if rc = 0 then
        return query select 0::int2, c.connection_id, c.hook, c.account_id, c.provider, c.mode, c.role, c.active, c.created_at,
               s.secret_id, s.created_at
          from khop.connection c
          left join khop.connection_secret s on s.connection_id = c.connection_id and s.ended_at is null
         where c.connection_id = p_connection_id and c.org_id = v_login.org_id
         order by s.created_at, s.secret_id;
        rc := -4;
    end if;
    if not found or v_login.rc <> 0 then
        return next;
    end if;
end $f$;
alter function khop.connection_show owner to khop_fn_org;
revoke all on function khop.connection_show from public;
grant execute on function khop.connection_show to khop_serve;
comment on function khop.connection_show is 'A connection with its active secrets';
