-- What a try has brought. Without a 2xx it comes again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, each longer or shorter by a
-- fifth at most (p_jitter 0 … 1); 410, or five days without a success, ends the webhook and whatever waits for it (security.md §9).
-- ended: why the webhook has ended with this try. rc -5: the delivery is this worker's no more.
create or replace function khop.delivery_report(p_bucket int4, p_webhook_id int8, p_type int2, p_event_id int8, p_worker int8, p_now timestamptz,
    p_status int4, p_error text, p_ms int4, p_jitter int4) returns table (rc int2, ended text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_good constant bool := coalesce(p_status between 200 and 299, false);
    v_wait constant int4[] := array[5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400];
    v_delivery khop.delivery;
    v_webhook khop.webhook;
begin
    select * into v_delivery from khop.delivery d
     where d.bucket = p_bucket and d.webhook_id = p_webhook_id and d.type = p_type and d.event_id = p_event_id and d.worker = p_worker
       and d.state = 'pending' for update;
    rc := case when v_delivery.webhook_id is null then -5 else 0 end;
    if rc <> 0 then
        return next;
        return;
    end if;
    update khop.delivery d
       set state = case when v_good then 'delivered' when d.tries >= cardinality(v_wait) then 'failed' else 'pending' end,
           tries = d.tries + 1, worker = null, lease_until = null, last_at = p_now, last_status = p_status, last_error = p_error, last_ms = p_ms,
           next_at = p_now + v_wait[least(d.tries, cardinality(v_wait) - 1) + 1] * interval '1 second' * (0.8 + 0.4 * p_jitter / 1000000.0)
     where d.bucket = p_bucket and d.webhook_id = p_webhook_id and d.type = p_type and d.event_id = p_event_id;
    select * into v_webhook from khop.webhook w where w.bucket = p_bucket and w.webhook_id = p_webhook_id for update;
    ended := case when v_webhook.ended_at is not null or v_good then null
                  when p_status = 410 then 'gone'
                  when v_webhook.failing_since < p_now - interval '5 days' then 'failing' end;
    update khop.webhook w
       set failing_since = case when v_good then null else coalesce(w.failing_since, p_now) end,
           ended_at = case when ended is not null then p_now else w.ended_at end, ended_why = coalesce(ended, w.ended_why)
     where w.bucket = p_bucket and w.webhook_id = p_webhook_id
       and (v_good and w.failing_since is not null or not v_good and w.failing_since is null or ended is not null);
    if ended is not null then
        update khop.delivery d set state = 'dropped', worker = null, lease_until = null
         where d.bucket = p_bucket and d.webhook_id = p_webhook_id and d.state = 'pending';
        perform khop.audit_put(p_bucket, v_webhook.org_id, p_now, null, null, null, null, 'webhook.end', v_webhook.url, 'ok', ended);
    end if;
    return next;
end $f$;
alter function khop.delivery_report owner to khop_fn_settle;
revoke all on function khop.delivery_report from public;
grant execute on function khop.delivery_report to khop_jobs;
comment on function khop.delivery_report is 'Stores what a try of a delivery has brought';
