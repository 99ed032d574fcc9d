-- Turns what stands behind the cursor of the journal into deliveries, one organisation after the other, at most p_limit rows of each: the
-- journal is written with the money, without a gap, so nothing is missed, and the key of a delivery makes it safe to do twice. Exceptions may
-- become visible a little late: those of the last five minutes are looked at again. A topic that somebody else passes on is left to him. What
-- concerns a private account is told to its owner's addresses alone.
create or replace function khop.outbox_feed(p_now timestamptz, p_limit int4) returns table (fed int8, more bool)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $f$
#variable_conflict use_column
declare
    v_org record;
    v_from int8;
    v_to int8;
    v_end int8;
    v_n int8;
begin
    fed := 0;
    more := false;
    for v_org in select distinct w.bucket, w.org_id from khop.webhook w where w.ended_at is null order by 1, 2 loop
        select o.next_seq into v_from from khop.outbox o
         where o.bucket = v_org.bucket and o.org_id = v_org.org_id and o.topic = 3 for update skip locked;
        continue when not found;
        select h.next_seq into v_end from khop.org_head h where h.bucket = v_org.bucket and h.org_id = v_org.org_id;
        v_to := least(v_end, v_from + p_limit);
        more := more or v_to < v_end;
        if v_to > v_from then
            insert into khop.delivery (bucket, webhook_id, type, event_id, org_id, happened_at, charge_id, code_no, amount, receipt_year, receipt_no, next_at)
            select v_org.bucket, w.webhook_id, k.type, t.event_id, v_org.org_id, t.recorded_at, d.charge_id, t.code_no, t.amount, t.receipt_year,
                   t.receipt_no, p_now
              from generate_series(v_from, v_to - 1) s (seq)
              join lateral (select x.* from khop.transfer x where x.bucket = v_org.bucket and x.org_id = v_org.org_id and x.seq = s.seq limit 1) t
                on t.kind = 1 and t.receipt_no is not null
              join lateral (select x.charge_id from khop.charge_due x where x.bucket = v_org.bucket and x.code_no = t.code_no limit 1) d on true
             cross join (values (1::int2, 'code.paid'), (2::int2, 'receipt.issued')) k (type, name)
              join khop.webhook w on w.bucket = v_org.bucket and w.org_id = v_org.org_id and w.ended_at is null and k.name = any (w.types)
              join lateral (select a.private, a.owner_id from khop.account a where a.account_id = t.account_id limit 1) a
                on not a.private or a.owner_id = w.created_by
             where t.recorded_at >= w.created_at and (k.type = 2 or t.outcome in (1, 3))
            on conflict do nothing;
            get diagnostics v_n = row_count;
            fed := fed + v_n;
            update khop.outbox o set next_seq = v_to where o.bucket = v_org.bucket and o.org_id = v_org.org_id and o.topic = 3;
        end if;
        insert into khop.delivery (bucket, webhook_id, type, event_id, org_id, happened_at, charge_id, code_no, amount, reason, next_at)
        select v_org.bucket, w.webhook_id, 3, e.exception_id, v_org.org_id, e.opened_at, e.charge_id, e.code_no, e.amount, e.reason, p_now
          from khop.webhook w
          join lateral (
               select x.* from khop.exception x
                where x.bucket = v_org.bucket and x.org_id = v_org.org_id
                  and x.opened_at >= greatest(w.created_at, w.told_until - interval '5 minutes')
                order by x.opened_at, x.exception_id limit 20000) e on true
          join lateral (select a.private, a.owner_id from khop.account a where a.account_id = e.account_id limit 1) a
            on not a.private or a.owner_id = w.created_by
         where w.bucket = v_org.bucket and w.org_id = v_org.org_id and w.ended_at is null and 'exception.opened' = any (w.types)
        on conflict do nothing;
        get diagnostics v_n = row_count;
        fed := fed + v_n;
        if v_n > 0 then
            update khop.webhook w set told_until = greatest(w.told_until, (
                select max(d.happened_at) from khop.delivery d where d.bucket = w.bucket and d.webhook_id = w.webhook_id and d.type = 3))
             where w.bucket = v_org.bucket and w.org_id = v_org.org_id and w.ended_at is null and 'exception.opened' = any (w.types);
        end if;
    end loop;
    return next;
end $f$;
alter function khop.outbox_feed owner to khop_fn_settle;
revoke all on function khop.outbox_feed from public;
grant execute on function khop.outbox_feed to khop_jobs;
comment on function khop.outbox_feed is 'Makes deliveries of what the journal says since the last time';
