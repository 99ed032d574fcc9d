-- Adds a sealed secret, so that a provider can be switched over without a gap (security.md §6). rc -4 none of theirs, -13 three are active.
create or replace function khop.connection_secret_add(p_token bytea, p_now timestamptz, p_random int8, p_connection_id int8, p_secret bytea)
returns table (rc int2, secret_id int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
declare
    v_login record;
begin
    select * into v_login from khop.login_fresh(p_token, p_now, 8);
    rc := v_login.rc;
    if rc = 0 then
        perform khop.head_lock(v_login.bucket, v_login.org_id);
        rc := case when not exists (select 1 from khop.connection c where c.connection_id = p_connection_id and c.org_id = v_login.org_id) then -4
                   when (select count(*) from khop.connection_secret s where s.connection_id = p_connection_id and s.ended_at is null) >= 3 then -13
                   else 0 end;
    end if;
    if rc = 0 then
        secret_id := v_login.bucket::int8 << 48 | (p_random & ((1::int8 << 48) - 1));
        insert into khop.connection_secret (secret_id, connection_id, org_id, sealed, created_at)
        values (secret_id, p_connection_id, v_login.org_id, p_secret, p_now);
        perform khop.audit_add(p_token, p_now, 'secret.add', khop.public_id('con', p_connection_id), 'ok', encode(substr(sha256(p_secret), 1, 4), 'hex'));
    end if;
    return next;
end $f$;
alter function khop.connection_secret_add owner to khop_fn_org;
revoke all on function khop.connection_secret_add from public;
grant execute on function khop.connection_secret_add to khop_serve;
comment on function khop.connection_secret_add is 'Adds a secret to a connection, at most three';
