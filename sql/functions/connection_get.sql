-- Whose notice is this: the connection behind a hook address, one row per active secret. No row: unknown. The address is a locator,
-- not a permission; the caller checks the notice with the secrets.
create or replace function khop.connection_get(p_hook bytea)
returns table (bucket int4, org_id int8, account_id int8, connection_id int8, bin text, account_no text, provider int2, mode int2, role int2,
    active bool, secret bytea, secret_id int8)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
begin
    return query select c.bucket, c.org_id, c.account_id, c.connection_id, a.bin, a.account_no, c.provider, c.mode, c.role, c.active,
           s.sealed, s.secret_id
      from khop.connection c
      join khop.account a on a.account_id = c.account_id
      join khop.connection_secret s on s.connection_id = c.connection_id and s.ended_at is null
     where c.hook = p_hook
     order by s.created_at desc, s.secret_id;
end $f$;
alter function khop.connection_get owner to khop_fn_settle;
revoke all on function khop.connection_get from public;
grant execute on function khop.connection_get to khop_serve;
comment on function khop.connection_get is 'A connection by its hook, one row per active secret';
