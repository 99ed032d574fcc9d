-- Ends a webhook (p_sealed NULL; what waits for it is dropped), or gives it another secret: the one before signs as well for a day.
-- rc -4 none of theirs, -5 it has ended.
create or replace function khop.webhook_change(p_token bytea, p_now timestamptz, p_webhook_id int8, p_sealed bytea) returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_login record;
    v_webhook khop.webhook;
begin
    select * into v_login from khop.login_fresh(p_token, p_now, 8);
    rc := v_login.rc;
    if rc = 0 then
        select * into v_webhook from khop.webhook w
         where w.bucket = v_login.bucket and w.webhook_id = p_webhook_id and w.org_id = v_login.org_id;
        rc := case when v_webhook.webhook_id is null then -4 when v_webhook.ended_at is not null and p_sealed is not null then -5 else 0 end;
    end if;
    if rc = 0 and v_webhook.ended_at is null then
        if p_sealed is null then
            update khop.webhook w set ended_at = p_now, ended_why = 'removed' where w.bucket = v_login.bucket and w.webhook_id = p_webhook_id;
            update khop.delivery d set state = 'dropped' where d.bucket = v_login.bucket and d.webhook_id = p_webhook_id and d.state = 'pending';
        else
            update khop.webhook w set sealed = p_sealed, sealed_before = w.sealed, before_until = p_now + interval '1 day'
             where w.bucket = v_login.bucket and w.webhook_id = p_webhook_id;
        end if;
        perform khop.audit_add(p_token, p_now, case when p_sealed is null then 'webhook.end' else 'webhook.secret' end, v_webhook.url, 'ok', null);
    end if;
    return next;
end $f$;
alter function khop.webhook_change owner to khop_fn_org;
revoke all on function khop.webhook_change from public;
grant execute on function khop.webhook_change to khop_serve;
comment on function khop.webhook_change is 'Ends a webhook or gives it another secret';
