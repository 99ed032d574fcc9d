-- Ends a secret at once; ending it twice is the same. rc -4 none of theirs, -5 it is the last one: the connection would accept nothing.
create or replace function khop.connection_secret_end(p_token bytea, p_now timestamptz, p_connection_id int8, p_secret_id int8)
returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
declare
    v_login record;
    v_secret khop.connection_secret;
begin
    select * into v_login from khop.login_fresh(p_token, p_now, 8);
    rc := v_login.rc;
    if rc = 0 then
        perform khop.head_lock(v_login.bucket, v_login.org_id);
        select * into v_secret from khop.connection_secret s
         where s.secret_id = p_secret_id and s.connection_id = p_connection_id and s.org_id = v_login.org_id;
        rc := case when v_secret.secret_id is null then -4
                   when v_secret.ended_at is null and not exists (
                        select 1 from khop.connection_secret s
                         where s.connection_id = p_connection_id and s.secret_id <> p_secret_id and s.ended_at is null) then -5
                   else 0 end;
    end if;
    if rc = 0 then
        update khop.connection_secret s set ended_at = p_now where s.secret_id = p_secret_id and s.ended_at is null;
        if found then
            perform khop.audit_add(p_token, p_now, 'secret.end', khop.public_id('con', p_connection_id), 'ok', khop.public_id('sec', p_secret_id));
        end if;
    end if;
    return next;
end $f$;
alter function khop.connection_secret_end owner to khop_fn_org;
revoke all on function khop.connection_secret_end from public;
grant execute on function khop.connection_secret_end to khop_serve;
comment on function khop.connection_secret_end is 'Ends a secret of a connection';
