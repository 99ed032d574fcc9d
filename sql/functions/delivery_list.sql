-- What was sent to a webhook of the token's organisation, oldest first; the next page begins behind (time, type, event). p_event given: sends that
-- one again first, which the receiver sees by its mark. rc -4: no such webhook, or no such delivery; -5: the webhook has ended.
create or replace function khop.delivery_list(p_token bytea, p_now timestamptz, p_webhook_id int8, p_type int2, p_event_id int8,
    p_after_time timestamptz, p_after_type int2, p_after_id int8, p_limit int4)
returns table (rc int2, type int2, event_id int8, happened_at timestamptz, state text, tries int4, replays int4, next_at timestamptz,
    last_at timestamptz, last_status int4, last_error text, last_ms int4)
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
    v_after_time constant timestamptz := coalesce(p_after_time, '-infinity'); -- COALESCE beside a column keeps row level security from using the index
    v_after_type constant int2 := coalesce(p_after_type, 0);
    v_after_id constant int8 := coalesce(p_after_id, 0);
    v_webhook khop.webhook;
begin
    select * into v_login from khop.login(p_token, p_now, 8);
    rc := v_login.rc;
    if rc = 0 then
        select * into v_webhook from khop.webhook w
         where w.bucket = v_login.bucket and w.webhook_id = p_webhook_id and w.org_id = v_login.org_id;
        rc := case when v_webhook.webhook_id is null then -4 when p_event_id is not null and v_webhook.ended_at is not null then -5 else 0 end;
    end if;
    if rc = 0 and p_event_id is not null then
        update khop.delivery d set state = 'pending', next_at = p_now, tries = 0, replays = d.replays + 1
         where d.bucket = v_login.bucket and d.webhook_id = p_webhook_id and d.type = p_type and d.event_id = p_event_id;
        rc := case when found then 0 else -4 end;
    end if;
    if rc <> 0 then
        return next;
        return;
    end if;
    return query
    select 0::int2, d.type, d.event_id, d.happened_at, d.state, d.tries, d.replays, d.next_at, d.last_at, d.last_status, d.last_error, d.last_ms
      from khop.delivery d
     where d.bucket = v_login.bucket and d.webhook_id = p_webhook_id
       and (p_event_id is null or d.type = p_type and d.event_id = p_event_id)
       and (d.happened_at, d.type, d.event_id) > (v_after_time, v_after_type, v_after_id)
     order by d.happened_at, d.type, d.event_id limit least(p_limit, 1000);
end $f$;
alter function khop.delivery_list owner to khop_fn_org;
revoke all on function khop.delivery_list from public;
grant execute on function khop.delivery_list to khop_serve;
comment on function khop.delivery_list is 'Deliveries to a webhook, or one of them sent again';
