-- The invariants of the books (ledger.md §2) that a query can check: one row per broken one, none when the books are right. Each check
-- streams over whole tables and says the first place it found. The journal is recomputed from rows alone (13). That both
-- sides are equal (1) and that an event and its transfer agree (3) needs no check: each is one row.
create or replace function audit.invariants() returns table (name text, detail text)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set work_mem = '256MB'
set enable_mergejoin = off
set jit = off
as $f$
#variable_conflict use_column
declare
    v_notices_from date; -- months of raw notices that are gone are gone on purpose
begin
    select min(to_date(right(c.relname, 6), 'YYYYMM')) into v_notices_from
      from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'khop.notice'::regclass;
    return query
    with
    chain as ( -- each link with what the rows after the one before it say
        select l.bucket, l.org_id, l.last_seq, l.before, l.chain, l.chain_before, s.n, s.computed
          from (select l.bucket, l.org_id, l.seq as last_seq, l.chain, coalesce(lag(l.seq) over w, 0) as before,
                       coalesce(lag(l.chain) over w, decode(repeat('00', 32), 'hex')) as chain_before
                  from khop.transfer l where l.chain is not null window w as (partition by l.bucket, l.org_id order by l.seq)) l
         cross join lateral (
               select count(*) as n, sha256(convert_to(coalesce(string_agg(x.line, E'\n'), ''), 'UTF8')) as computed
                 from (select khop.journal_line(t.bucket, t.org_id, t.seq, t.booked_on, t.debit, t.credit, t.amount, t.kind, t.event_id, t.reverses,
                              t.recorded_at, t.account_id, t.provider, t.ext_id, t.notice_id, t.direction, t.outcome, t.how, t.code_no, t.body_hash,
                              t.paid_at, t.reference, t.balance_after, t.receipt_year, t.receipt_no, r.rid, r.key_no) as line
                         from khop.transfer t
                         left join lateral (
                              select r.* from khop.receipt r
                               where r.bucket = t.bucket and r.org_id = t.org_id and r.year = t.receipt_year and r.no = t.receipt_no limit 1) r on true
                        where t.bucket = l.bucket and t.org_id = l.org_id and t.seq > l.before and t.seq <= l.last_seq
                        order by t.seq) x) s),
    broken (name, org_id, what) as (
        -- 2: the totals of a day, and so every balance, are the sums of the transfers
        select 'day_total', coalesce(s.org_id, t.org_id), format('%s, %s to %s: stored %s (%s), transfers %s (%s)', coalesce(s.day, t.day),
               coalesce(s.debit, t.debit), coalesce(s.credit, t.credit), s.amount, s.n, t.amount, t.n)
          from khop.day_total s
          full join (select t.bucket, t.org_id, t.booked_on as day, t.debit, t.credit, count(*) as n, sum(t.amount)::int8 as amount
                       from khop.transfer t group by t.bucket, t.org_id, t.booked_on, t.debit, t.credit) t
            on t.bucket = s.bucket and t.org_id = s.org_id and t.day = s.day and t.debit = s.debit and t.credit = s.credit
         where (s.n, s.amount) is distinct from (t.n, t.amount)
        union all
        -- 3: an event, its accounts and its receipt say the same
        select x.fault, x.org_id, format('seq %s', x.seq)
          from (select coalesce(t.org_id, r.org_id) as org_id, coalesce(t.seq, r.seq) as seq,
                       case when t.seq is null then 'event_receipt'
                            when t.kind is distinct from (case when t.outcome <= 3 then 1 when t.outcome <= 12 then 2 end)::int2
                              or t.ext_id is null or t.provider is null or t.direction is null or t.paid_at is null or t.body_hash is null
                                 then 'event_transfer'
                            when (t.debit, t.credit) is distinct from
                                 (case when t.direction = 1 then c.ledger_no when t.outcome <= 3 then 3318 else 1388 end,
                                  case when t.direction = 2 then c.ledger_no when t.outcome <= 3 then 131 else 3388 end)
                                 then 'event_accounts'
                            when case when t.outcome <= 3 then (t.receipt_year, t.receipt_no, t.code_no, t.amount)
                                      is distinct from (r.year, r.no, r.code_no, r.amount)
                                 else r.no is not null or t.receipt_no is not null or t.receipt_year is not null end
                                 then 'event_receipt' end as fault
                  from khop.transfer t
                  full join khop.receipt r on r.bucket = t.bucket and r.org_id = t.org_id and r.seq = t.seq
                  left join khop.account c on c.account_id = t.account_id and c.org_id = t.org_id) x
         where x.fault is not null
        union all
        -- 5: numbers have no gap and no repeat; ids ascend with them
        select 'id_order', x.org_id, format('seq %s: its id is not above that of the transfer before', x.seq)
          from (select t.org_id, t.seq, t.event_id, lag(t.event_id) over (partition by t.bucket, t.org_id order by t.seq) as before from khop.transfer t) x
         where x.event_id <= x.before
        union all
        select 'seq_gap', h.org_id, format('next is %s, transfers: %s from %s to %s', h.next_seq, t.n, t.first, t.last)
          from (select t.bucket, t.org_id, count(*) as n, min(t.seq) as first, max(t.seq) as last from khop.transfer t group by t.bucket, t.org_id) t
          full join khop.org_head h on h.bucket = t.bucket and h.org_id = t.org_id
         where coalesce(t.n, 0) is distinct from h.next_seq - 1 or coalesce(t.last, 0) is distinct from h.next_seq - 1 or coalesce(t.first, 1) <> 1
        union all
        select 'receipt_gap', r.org_id, format('year %s: %s receipts from %s to %s, next is %s', r.year, r.n, r.first, r.last, h.next_receipt)
          from (select r.bucket, r.org_id, r.year, count(*) as n, min(r.no) as first, max(r.no) as last from khop.receipt r
                 group by r.bucket, r.org_id, r.year) r
          left join khop.org_head h on h.bucket = r.bucket and h.org_id = r.org_id
         where r.first <> 1 or r.last <> r.n or h.org_id is null or r.year > h.receipt_year
            or r.year = h.receipt_year and h.next_receipt <> r.last + 1
        union all
        select 'receipt_gap', h.org_id, format('year %s: next is %s, there is no receipt', h.receipt_year, h.next_receipt)
          from khop.org_head h
         where h.next_receipt <> 1 and not exists (
               select 1 from khop.receipt r where r.bucket = h.bucket and r.org_id = h.org_id and r.year = h.receipt_year)
        union all
        select 'receipt_void', v.org_id, format('year %s, no. %s is void but was never given', v.year, v.no)
          from khop.receipt_void v left join khop.receipt r on r.bucket = v.bucket and r.org_id = v.org_id and r.year = v.year and r.no = v.no
         where r.no is null
        union all
        select 'receipt_key', r.org_id, format('%s receipts of key %s, which is not registered', count(*), r.key_no)
          from khop.receipt r where not exists (select 1 from khop.receipt_key k where k.key_no = r.key_no) group by r.org_id, r.key_no
        union all
        select 'receipt_signature', g.org_id, format('year %s: signatures from no. %s to %s, receipts to %s', g.year, g.first_no, g.last_no, r.last)
          from (select g.bucket, g.org_id, g.year, g.first_no, g.first_no + octet_length(g.signatures) / 64 - 1 as last_no from khop.receipt_signature g) g
          left join (select r.bucket, r.org_id, r.year, max(r.no) as last from khop.receipt r group by r.bucket, r.org_id, r.year) r
            on r.bucket = g.bucket and r.org_id = g.org_id and r.year = g.year
         where g.first_no < 1 or g.last_no > coalesce(r.last, 0)
        union all
        select 'outbox', o.org_id, format('topic %s has been passed on up to %s, the next transfer is %s', o.topic, o.next_seq - 1, h.next_seq)
          from khop.outbox o left join khop.org_head h on h.bucket = o.bucket and h.org_id = o.org_id
         where o.next_seq > coalesce(h.next_seq, 0)
        union all
        select 'bucket_head', null, format('bucket %s: next id is %s, event %s is there', b.bucket, b.next_id, b.last)
          from (select t.bucket, max(t.event_id) as last, (select h.next_id from khop.bucket_head h where h.bucket = t.bucket) as next_id
                  from khop.transfer t group by t.bucket) b
         where b.last >= b.next_id or b.next_id is null
        union all
        -- 7: a charge's paid is the sum of its receipts, which are a list from the last one on
        select 'charge_paid', coalesce(d.org_id, l.org_id), format('charge %s: paid %s (%s), receipts %s (%s)', d.charge_id, d.paid, d.receipts, l.amount, l.n)
          from khop.charge_due d
          full join (select r.bucket, r.code_no, r.org_id, sum(r.amount)::int8 as amount, count(*) as n, max(r.paid_at) as last_paid_at,
                            max(r.seq) as last_seq, bool_and(r.previous is not distinct from r.before) as listed
                       from (select r.bucket, r.code_no, r.org_id, r.amount, r.previous, r.seq, t.paid_at, lag(r.seq) over w as before
                               from khop.receipt r
                               left join khop.transfer t on t.bucket = r.bucket and t.org_id = r.org_id and t.seq = r.seq
                             window w as (partition by r.bucket, r.code_no order by r.seq)) r
                      group by r.bucket, r.code_no, r.org_id) l
            on l.bucket = d.bucket and l.code_no = d.code_no and l.org_id = d.org_id
         where (d.paid, d.receipts, d.last_seq, d.last_paid_at) is distinct from (coalesce(l.amount, 0), coalesce(l.n, 0), l.last_seq, l.last_paid_at)
            or not l.listed
        union all
        select 'charge_facts', coalesce(c.org_id, d.org_id), format('charge %s does not agree with what settlement knows of it', coalesce(c.charge_id, d.charge_id))
          from (select c.*, k.direction from khop.charge c left join khop.code_kind k on k.letter = c.kind) c
          full join khop.charge_due d on d.bucket = c.bucket and d.code_no = c.code_no
         where (c.charge_id, c.org_id, c.account_id, c.amount, c.expires_at, c.cancelled_at is not null, c.payer_id is not null)
               is distinct from (d.charge_id, d.org_id, d.account_id, d.due, d.expires_at, d.cancelled, d.of_payer)
            or c.direction is distinct from d.direction
        union all
        select 'charge_adjusted', d.org_id, format('charge %s: %s moved to it without a transfer', d.charge_id, d.adjusted)
          from khop.charge_due d where d.adjusted <> 0
        union all
        select 'charge_state', d.org_id, format('charge %s is cancelled and has been paid %s', d.charge_id, d.paid)
          from khop.charge_due d where d.cancelled and d.paid > 0
        union all
        -- 8: nothing is booked after the open day and the day it was recorded; late news stands on a day that was open
        select 'booked_on', t.org_id, format('seq %s is booked on %s, recorded %s', t.seq, t.booked_on, t.recorded_at)
          from khop.transfer t join khop.org_head h on h.bucket = t.bucket and h.org_id = t.org_id
         where t.booked_on > greatest(h.open_day, (t.recorded_at at time zone interval '7 hours')::date)
        union all
        -- 9: suspense is what open exceptions hold
        select 'suspense', x.org_id, format('%s: account holds %s, open exceptions %s', x.account, sum(x.net), sum(x.held))
          from (select s.bucket, s.org_id, s.credit as account, case s.credit when 3388 then s.amount else - s.amount end as net, 0 as held
                  from khop.day_total s where s.credit in (1388, 3388)
                union all
                select s.bucket, s.org_id, s.debit, case s.debit when 1388 then s.amount else - s.amount end, 0
                  from khop.day_total s where s.debit in (1388, 3388)
                union all
                select x.bucket, x.org_id, case x.direction when 1 then 3388 else 1388 end, 0, x.held
                  from khop.exception x where x.state in ('open', 'proposed') and x.held > 0) x
         group by x.bucket, x.org_id, x.account having sum(x.net) <> sum(x.held)
        union all
        select 'event_exception', coalesce(e.org_id, x.org_id), format('seq %s: outcome %s, exception %s', coalesce(e.seq, x.seq), e.outcome, x.reason)
          from (select t.*, (array[null, 'short', 'over', 'already_paid', 'unknown_code', 'cancelled_charge', 'expired', 'no_code', 'wrong_account',
                                   'several_charges', 'out_of_direction', 'ambiguous_code'])[t.outcome] as reason, d.charge_id
                  from khop.transfer t left join khop.charge_due d on d.bucket = t.bucket and d.code_no = t.code_no where t.outcome > 1) e
          full join (select * from khop.exception x where x.seq is not null) x on x.bucket = e.bucket and x.org_id = e.org_id and x.seq = e.seq
         where (e.event_id, e.reason, e.amount, e.direction, case when e.outcome <= 3 then 0 else e.amount end)
               is distinct from (x.exception_id, x.reason, x.amount, x.direction, x.held)
            or (e.account_id, e.provider, e.ext_id, coalesce(e.notice_id, e.event_id)) is distinct from (x.account_id, x.provider, x.ext_id, x.notice_id)
            or e.charge_id is distinct from x.charge_id or e.code_no is distinct from x.code_no
        union all
        select 'exception_held', x.org_id, format('exception %s (%s) holds %s without a transfer', x.exception_id, x.reason, x.held)
          from khop.exception x where x.seq is null and x.held <> 0
        union all
        -- what was received is kept
        select 'notice', t.org_id, format('seq %s: its notice is not there', t.seq)
          from khop.transfer t
          left join khop.notice n on n.bucket = t.bucket and n.received_on = (t.recorded_at at time zone interval '7 hours')::date
                                     and n.notice_id = coalesce(t.notice_id, t.event_id)
         where n.notice_id is null and (t.recorded_at at time zone interval '7 hours')::date >= v_notices_from
        union all
        select 'notice', null, format('notice %s: the body is not what was received', n.notice_id)
          from khop.notice n where sha256(n.body) <> n.body_hash
        union all
        -- 13: every link of the journal from rows alone, and the chain to the head
        select 'journal_link', c.org_id, format('seq %s to %s: %s', c.before + 1, c.last_seq,
               case when c.n <> c.last_seq - c.before then 'a row is gone' else 'the rows or the chain are not what was written' end)
          from chain c where c.n <> c.last_seq - c.before or c.chain <> sha256(c.chain_before || c.computed)
        union all
        select 'journal_head', h.org_id, format('head says seq %s, the last link %s', h.next_seq - 1, l.last_seq)
          from khop.org_head h
          full join (select distinct on (l.bucket, l.org_id) * from chain l order by l.bucket, l.org_id, l.last_seq desc) l
            on l.bucket = h.bucket and l.org_id = h.org_id
         where h.chain is distinct from coalesce(l.chain, decode(repeat('00', 32), 'hex')) or h.next_seq - 1 <> coalesce(l.last_seq, 0)
    )
    select b.name, format('%s broken; first of organisation %s: %s', count(*), min(b.org_id), (array_agg(b.what))[1])
      from broken b group by b.name order by b.name;
end $f$;
alter function audit.invariants owner to khop_owner;
revoke all on function audit.invariants from public;
grant execute on function audit.invariants to khop_audit;
comment on function audit.invariants is 'One row per broken invariant of the books; none when they are right';
