-- Deliveries that are due, leased to this worker for thirty seconds: at most two of a webhook are on their way at once.
create or replace function khop.delivery_claim(p_now timestamptz, p_worker int8, p_limit int4)
returns table (bucket int4, webhook_id int8, type int2, event_id int8, happened_at timestamptz, charge_id int8, code_no int4, amount int8,
    receipt_year int4, receipt_no int4, reason text, replayed bool, url text, sealed bytea, sealed_before bytea)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_sort = off
as $f$
#variable_conflict use_column
declare
    v_due record;
begin
    -- One by one, by the whole key: joined, a plan for small tables would go through all deliveries.
    for v_due in
        select x.bucket, x.webhook_id, x.type, x.event_id, w.url, w.sealed, case when w.before_until > p_now then w.sealed_before end as sealed_before
          from khop.webhook w
          join lateral (
               select d.bucket, d.webhook_id, d.type, d.event_id, d.lease_until from khop.delivery d
                where d.bucket = w.bucket and d.webhook_id = w.webhook_id and d.state = 'pending' and d.next_at <= p_now
                order by d.next_at limit 2 for update skip locked) x on coalesce(x.lease_until <= p_now, true)
         where w.ended_at is null limit p_limit loop
        return query
        update khop.delivery d set worker = p_worker, lease_until = p_now + interval '30 seconds'
         where d.bucket = v_due.bucket and d.webhook_id = v_due.webhook_id and d.type = v_due.type and d.event_id = v_due.event_id
        returning d.bucket, d.webhook_id, d.type, d.event_id, d.happened_at, d.charge_id, d.code_no, d.amount, d.receipt_year, d.receipt_no, d.reason,
                  d.replays > 0, v_due.url, v_due.sealed, v_due.sealed_before;
    end loop;
end $f$;
alter function khop.delivery_claim owner to khop_fn_settle;
revoke all on function khop.delivery_claim from public;
grant execute on function khop.delivery_claim to khop_jobs;
comment on function khop.delivery_claim is 'Leases deliveries that are due';
