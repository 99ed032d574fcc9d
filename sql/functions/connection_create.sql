-- Adds a connection: the first of an account settles, further ones are witnesses (ledger.md §1). The secret comes sealed.
-- rc -1: provider and mode do not go together, -4: not an account of theirs.
create or replace function khop.connection_create(p_token bytea, p_now timestamptz, p_random int8, p_hook bytea, p_account_id int8,
    p_provider int2, p_mode int2, p_secret bytea, p_secret_random int8)
returns table (rc int2, connection_id int8, hook bytea, role int2, created_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
declare
    v_login record;
    v_base int8;
begin
    select * into v_login from khop.login_fresh(p_token, p_now, 8);
    rc := v_login.rc;
    if rc = 0 then
        -- One at a time per organisation, so that two first connections cannot both settle.
        perform khop.head_lock(v_login.bucket, v_login.org_id);
        rc := case when (array[1, 1, 2, 2, 3, 4, 5, 5])[p_mode] is distinct from p_provider then -1
                   when not exists (select 1 from khop.account a where a.account_id = p_account_id and a.org_id = v_login.org_id) then -4
                   else 0 end;
    end if;
    if rc = 0 then
        v_base := v_login.bucket::int8 << 48;
        connection_id := v_base | (p_random & ((1::int8 << 48) - 1));
        hook := p_hook;
        created_at := p_now;
        role := case when exists (select 1 from khop.connection c where c.account_id = p_account_id and c.role = 1 and c.active) then 2 else 1 end;
        insert into khop.connection (connection_id, hook, org_id, bucket, account_id, provider, mode, role, created_at)
        values (connection_id, p_hook, v_login.org_id, v_login.bucket, p_account_id, p_provider, p_mode, role, p_now);
        insert into khop.connection_secret (secret_id, connection_id, org_id, sealed, created_at)
        values (v_base | (p_secret_random & ((1::int8 << 48) - 1)), connection_id, v_login.org_id, p_secret, p_now);
        perform khop.audit_add(p_token, p_now, 'connection.create', khop.public_id('con', connection_id), 'ok', 'provider ' || p_provider);
    end if;
    return next;
end $f$;
alter function khop.connection_create owner to khop_fn_org;
revoke all on function khop.connection_create from public;
grant execute on function khop.connection_create to khop_serve;
comment on function khop.connection_create is 'Adds a connection to an account';
