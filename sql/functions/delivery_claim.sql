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
as $f$
#variable_conflict use_column
begin
    return query
    with due as materialized (
        select x.bucket, x.webhook_id, x.type, x.event_id
          from khop.webhook w
          join lateral (
               select d.bucket, d.webhook_id, d.type, d.event_id, d.lease_until from khop.delivery d
                where d.bucket = w.bucket and d.webhook_id = w.webhook_id and d.state = 'pending' and d.next_at <= p_now
                order by d.next_at limit 2 for update skip locked) x on coalesce(x.lease_until <= p_now, true)
         where w.ended_at is null limit p_limit),
    mine as (
        update khop.delivery d set worker = p_worker, lease_until = p_now + interval '30 seconds'
          from due u where d.bucket = u.bucket and d.webhook_id = u.webhook_id and d.type = u.type and d.event_id = u.event_id
        returning d.*)
    select m.bucket, m.webhook_id, m.type, m.event_id, m.happened_at, m.charge_id, m.code_no, m.amount, m.receipt_year, m.receipt_no, m.reason,
           m.replays > 0, w.url, w.sealed, case when w.before_until > p_now then w.sealed_before end
      from mine m join lateral (select x.* from khop.webhook x where x.bucket = m.bucket and x.webhook_id = m.webhook_id limit 1) w on true;
end $f$;
alter function khop.delivery_claim owner to khop_fn_settle;
revoke all on function khop.delivery_claim from public;
grant execute on function khop.delivery_claim to khop_jobs;
comment on function khop.delivery_claim is 'Leases deliveries that are due';
