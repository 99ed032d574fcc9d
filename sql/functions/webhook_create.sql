-- Adds a webhook to the token's organisation: it is told of what happens from now on. rc -13: ten are active already.
create or replace function khop.webhook_create(p_token bytea, p_now timestamptz, p_random int8, p_url text, p_types text[], p_sealed bytea)
returns table (rc int2, webhook_id int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_login record;
begin
    select * into v_login from khop.login_fresh(p_token, p_now, 8);
    rc := v_login.rc;
    if rc = 0 then
        perform khop.head_lock(v_login.bucket, v_login.org_id);
        if (select count(*) from khop.webhook w where w.bucket = v_login.bucket and w.org_id = v_login.org_id and w.ended_at is null) >= 10 then
            rc := -13;
        else
            webhook_id := v_login.bucket::int8 << 48 | (p_random & ((1::int8 << 48) - 1));
            insert into khop.webhook (bucket, webhook_id, org_id, url, types, sealed, created_at, created_by, told_until)
            values (v_login.bucket, webhook_id, v_login.org_id, p_url, p_types, p_sealed, p_now, v_login.token_id, p_now);
            perform khop.outbox_begin(v_login.bucket, v_login.org_id, 3::int2);
            perform khop.audit_add(p_token, p_now, 'webhook.create', p_url, 'ok', array_to_string(p_types, ' '));
        end if;
    end if;
    return next;
end $f$;
alter function khop.webhook_create owner to khop_fn_org;
revoke all on function khop.webhook_create from public;
grant execute on function khop.webhook_create to khop_serve;
comment on function khop.webhook_create is 'Adds a webhook';
