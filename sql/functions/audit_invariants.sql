-- The invariants of the books (ledger.md §2) that a query can check: one row per broken one, none when the books are right. Each check
-- streams over whole tables and says the first place it found. The journal is recomputed from rows alone (13). That both
-- sides are equal (1) and that an event and its transfer agree (3) needs no check: each is one row.
create or replace function audit.invariants() returns table (name text, detail text)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set work_mem = '256MB'
set jit = off
set enable_mergejoin = off
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
                 from (select khop.journal_line(t.bucket, t.org_id, t.seq, t.booked_on, t.debit, t.credit, t.amount, t.kind, t.event_id, t.of_seq,
                              t.recorded_at, t.account_id, t.provider, t.ext_id, t.notice_id, t.direction, t.outcome, t.how, t.code_no, t.body_hash,
                              t.paid_at, t.reference, t.balance_after, t.receipt_year, t.receipt_no, t.rid, t.key_no, w.payer_id, w.to_code,
                              w.actor, w.match_id, w.other_seq) as line
                         from khop.transfer t
                         left join lateral (
                              select w.* from khop.act w where w.bucket = t.bucket and w.org_id = t.org_id and w.seq = t.seq and t.kind > 2 limit 1) w on true
                        where t.bucket = l.bucket and t.org_id = l.org_id and t.seq > l.before and t.seq <= l.last_seq
                        order by t.seq) x) s),
    act as materialized ( -- rows after the event: y is the row it acts on, event the money in suspense it moves
        select t.bucket, t.org_id, t.seq, t.kind, t.debit, t.credit, t.amount, t.of_seq, t.code_no, w.payer_id, w.to_code, w.other_seq, t.receipt_no, w.match_id, w.actor,
               t.ext_id is null and t.provider is null and t.direction is null and t.outcome is null and t.how is null and t.body_hash is null
                   and t.account_id is null and t.balance_after is null and t.notice_id is null as ours,
               y.seq as y_seq, y.kind as y_kind, y.direction as y_direction, y.amount as y_amount, y.debit as y_debit, y.credit as y_credit,
               y.code_no as y_code, v.payer_id as y_payer, v.to_code as y_to_code, y.receipt_year as y_year, y.receipt_no as y_no,
               khop.book_sign(t.debit, t.credit, 3388, 1388) * t.amount as held, case when y.kind <= 2 then y.seq else y.of_seq end as event,
               case when t.kind = 10 then w.other_seq when t.kind = 7 and y.kind = 10 then v.other_seq end as other_event
          from khop.transfer t
          left join lateral (select y.* from khop.transfer y where y.bucket = t.bucket and y.org_id = t.org_id and y.seq = t.of_seq limit 1) y on true
          left join khop.act w on w.bucket = t.bucket and w.org_id = t.org_id and w.seq = t.seq
          left join khop.act v on v.bucket = t.bucket and v.org_id = t.org_id and v.seq = t.of_seq
         where t.kind > 2),
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
          from (select t.org_id, t.seq,
                       case when t.kind > 2 and t.outcome is null then
                                case when (t.kind = 3) <> (t.receipt_no is not null) then 'event_receipt' end
                            when t.of_seq is not null
                              or t.kind is distinct from (case when t.outcome <= 3 then 1 when t.outcome <= 12 then 2 end)::int2
                              or t.ext_id is null or t.provider is null or t.direction is null or t.paid_at is null or t.body_hash is null
                                 then 'event_transfer'
                            when (t.debit, t.credit) is distinct from
                                 (case when t.direction = 1 then c.ledger_no when t.outcome <= 3 then 3318 else 1388 end,
                                  case when t.direction = 2 then c.ledger_no when t.outcome <= 3 then 131 else 3388 end)
                                 then 'event_accounts'
                            when (t.outcome <= 3) <> (t.receipt_no is not null) then 'event_receipt' end as fault
                  from khop.transfer t
                  left join khop.account c on c.account_id = t.account_id and c.org_id = t.org_id) x
         where x.fault is not null
        union all
        -- what follows an event: the accounts of its kind, the row it acts on, the decision behind it
        select 'act', a.org_id, format('seq %s (kind %s): %s', a.seq, a.kind, a.fault)
          from (select a.*,
                       case when not a.ours then 'it has columns of an event'
                            when a.of_seq >= a.seq or a.of_seq is not null and a.y_seq is null then 'the row it acts on is not there'
                            when a.kind not between 3 and 10 then 'no such kind'
                            when a.kind = 7 and (a.y_kind <> 7 and (a.debit, a.credit, a.amount, a.payer_id, a.to_code, a.code_no) is not distinct from
                                 (a.y_credit, a.y_debit, a.y_amount, a.y_payer, a.y_to_code, case when a.y_kind <> 2 then a.y_code end)) is distinct from true
                                 then 'it does not reverse what it names'
                            when a.kind <> 7 and not coalesce((a.kind, a.debit, a.credit) in ((3, 3388, 131), (3, 3318, 1388), (4, 3388, 3387),
                                 (4, 131, 3387), (5, 3387, 131), (6, 3388, 3318), (6, 131, 3318), (6, 3387, 3318), (8, 3388, 3318),
                                 (8, 131, 1388), (9, 3388, 711), (9, 811, 1388), (10, 3388, 1388)), false)
                              or a.kind <> 7 and ((a.code_no is null) = (131 in (a.debit, a.credit) or a.kind in (3, 8))
                                   or (a.payer_id is null) = (3387 in (a.debit, a.credit)) or (a.to_code is null) = (a.kind = 6))
                              or a.held <> 0 and a.kind not in (7, 10)
                                 and (a.y_kind = 2 and a.y_direction = case when a.debit = 3388 then 1 else 2 end) is distinct from true
                                 then 'its accounts are not those of its kind'
                            when a.kind = 10 and (a.y_kind = 2 and o.kind = 2 and a.y_direction + o.direction = 3 and o.amount = a.amount
                                    and a.y_amount = a.amount) is distinct from true
                                 then 'it does not set off two movements in suspense'
                            when a.other_seq is not null and a.kind <> 10 and (a.kind = 8 and a.code_no = o.code_no and a.amount = o.amount and o.receipt_no is not null)
                                    is distinct from true
                                 then 'what it took back is not a payment of that charge and sum'
                            when m.match_id is null then 'there is no decision behind it' end as fault
                  from act a
                  left join khop.transfer o on o.bucket = a.bucket and o.org_id = a.org_id and o.seq = a.other_seq
                  left join khop.match m on m.bucket = a.bucket and m.match_id = a.match_id and m.org_id = a.org_id and a.seq between m.first_seq and m.last_seq
                       and m.actor is not distinct from a.actor) a
         where a.fault is not null
        union all
        select 'act', a.org_id, format('seq %s is reversed twice', a.of_seq)
          from act a where a.kind = 7 group by a.bucket, a.org_id, a.of_seq having count(*) > 1
        union all
        select 'act', a.org_id, format('seq %s is taken back twice', a.other_seq)
          from act a where a.kind = 8 group by a.bucket, a.org_id, a.other_seq having count(a.other_seq) > 1
        union all
        select 'act', w.org_id, format('seq %s is not of a kind that has a decision', w.seq)
          from khop.act w left join act a on a.bucket = w.bucket and a.org_id = w.org_id and a.seq = w.seq where a.seq is null
        union all
        select 'match', m.org_id, format('decision %s says it wrote %s to %s, %s are there', m.match_id, m.first_seq, m.last_seq, coalesce(a.n, 0))
          from khop.match m
          left join (select a.bucket, a.match_id, count(*) as n from act a group by a.bucket, a.match_id) a on a.bucket = m.bucket and a.match_id = m.match_id
         where coalesce(a.n, 0) <> coalesce(m.last_seq - m.first_seq + 1, 0)
        union all
        select 'credit', coalesce(c.org_id, a.org_id), format('payer %s: credit %s, the journal says %s', coalesce(c.payer_id, a.payer_id), c.amount, a.amount)
          from khop.credit c
          full join (select a.bucket, a.org_id, a.payer_id, sum(khop.book_sign(a.debit, a.credit, 3387, null) * a.amount)::int8 as amount
                       from act a where a.payer_id is not null group by a.bucket, a.org_id, a.payer_id) a
            on a.bucket = c.bucket and a.org_id = c.org_id and a.payer_id = c.payer_id
         where coalesce(c.amount, 0) <> coalesce(a.amount, 0) or a.amount < 0
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
        select 'receipt_void', coalesce(v.org_id, a.org_id),
               case when a.seq is null then format('year %s, no. %s is void, but its money was not taken back', v.year, v.no)
               else format('year %s, no. %s: its money was taken back by seq %s, it is not void', a.y_year, a.y_no, a.seq) end
          from khop.receipt_void v
          full join (select a.bucket, a.org_id, a.seq, a.y_year, a.y_no from act a where a.y_no is not null and a.kind = 7
                     union all
                     select a.bucket, a.org_id, a.seq, t.receipt_year, t.receipt_no
                       from act a join khop.transfer t on t.bucket = a.bucket and t.org_id = a.org_id and t.seq = a.other_seq and a.kind = 8) a
            on a.bucket = v.bucket and a.org_id = v.org_id and a.y_year = v.year and a.y_no = v.no
         where a.seq is null or v.no is null
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
          full join (select t.bucket, t.code_no, t.org_id, sum(t.amount)::int8 as amount, count(*) as n, max(t.paid_at) as last_paid_at,
                            max(t.seq) as last_seq, count(t.previous) as listed
                       from khop.transfer t where t.receipt_no is not null group by t.bucket, t.code_no, t.org_id) l
            on l.bucket = d.bucket and l.code_no = d.code_no and l.org_id = d.org_id
         where (d.paid, d.receipts, d.last_seq, d.last_paid_at) is distinct from (coalesce(l.amount, 0), coalesce(l.n, 0), l.last_seq, l.last_paid_at)
            or l.n - 1 <> l.listed
        union all
        select 'charge_paid', r.org_id, format('receipt no. %s of %s follows transfer %s, not %s', r.no, r.year, r.before, r.previous)
          from (select r.*, lag(r.seq) over (partition by r.bucket, r.code_no order by r.seq) as before -- most charges have one receipt: nothing to sort
                  from khop.receipt r join khop.charge_due d on d.bucket = r.bucket and d.code_no = r.code_no and d.receipts > 1) r
         where r.previous is distinct from r.before
        union all
        select 'charge_facts', coalesce(c.org_id, d.org_id), format('charge %s does not agree with what settlement knows of it', coalesce(c.charge_id, d.charge_id))
          from (select c.*, k.direction from khop.charge c left join khop.code_kind k on k.letter = c.kind) c
          full join khop.charge_due d on d.bucket = c.bucket and d.code_no = c.code_no
         where (c.charge_id, c.org_id, c.account_id, c.amount, c.expires_at, c.cancelled_at is not null, c.payer_id is not null)
               is distinct from (d.charge_id, d.org_id, d.account_id, d.due, d.expires_at, d.cancelled, d.of_payer)
            or c.direction is distinct from d.direction
        union all
        select 'charge_adjusted', coalesce(d.org_id, a.org_id), format('charge %s: adjusted by %s, the journal says %s', d.charge_id, d.adjusted, a.amount)
          from (select * from khop.charge_due d where d.adjusted <> 0) d
          full join (select a.bucket, a.org_id, a.code_no, sum(khop.book_sign(a.debit, a.credit, 131, 3318) * a.amount)::int8 as amount
                       from act a where a.kind > 3 and a.code_no is not null group by a.bucket, a.org_id, a.code_no) a
            on a.bucket = d.bucket and a.org_id = d.org_id and a.code_no = d.code_no
         where coalesce(d.adjusted, 0) <> coalesce(a.amount, 0)
        union all
        select 'charge_state', d.org_id, format('charge %s has been paid %s%s', d.charge_id, d.paid + d.adjusted,
               case when d.cancelled then ' and is cancelled' else '' end)
          from khop.charge_due d where d.paid + d.adjusted < 0 or d.cancelled and d.paid + d.adjusted > 0
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
                                   'several_charges', 'out_of_direction', 'ambiguous_code'])[t.outcome] as reason, d.charge_id, d.due,
                       case when t.outcome <= 3 then 0 else t.amount + coalesce(a.held, 0) end as held
                  from khop.transfer t
                  left join (select a.bucket, a.org_id, a.event, sum(a.held)::int8 as held
                               from (select a.bucket, a.org_id, a.event, a.held from act a where a.held <> 0
                                     union all
                                     select a.bucket, a.org_id, a.other_event, a.held from act a where a.other_event is not null) a
                              group by a.bucket, a.org_id, a.event) a
                    on a.bucket = t.bucket and a.org_id = t.org_id and a.event = t.seq
                  left join khop.charge_due d on d.bucket = t.bucket and d.code_no = t.code_no where t.outcome > 1) e
          full join (select * from khop.exception x where x.seq is not null) x on x.bucket = e.bucket and x.org_id = e.org_id and x.seq = e.seq
         where (e.event_id, e.reason, e.amount, e.direction, e.held)
               is distinct from (x.exception_id, case when x.reason = 'tiny_amount' and x.amount <= e.due / 1000 then 'short' else x.reason end, x.amount,
                                 x.direction, x.held)
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
         where n.notice_id is null and (t.recorded_at at time zone interval '7 hours')::date >= v_notices_from and t.kind <= 2
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
        union all
        -- what a close sealed is what was written, follows the close before it, and the books of its days are still so
        select 'day_seal', c.org_id, format('%s, version %s: its sheet is not what was sealed', c.day, c.version)
          from (select c.*, lag(c.seal, 1, decode(repeat('00', 32), 'hex')) over (partition by c.bucket, c.org_id order by c.last_seq, c.at, c.day, c.step) as before
                  from khop.day_close c where c.what = 'closed') c
         where c.seal <> sha256(c.previous || convert_to(c.sheet, 'UTF8')) or c.previous <> c.before
            or (c.sheet::jsonb ->> 'day', c.sheet::jsonb ->> 'from', (c.sheet::jsonb ->> 'version')::int4, (c.sheet::jsonb -> 'actor')::int8,
                (c.sheet::jsonb ->> 'requested_by')::int8, c.sheet::jsonb ->> 'reason', (c.sheet::jsonb -> 'journal' -> 'seq')::int8)
               is distinct from (to_char(c.day, 'YYYY-MM-DD'), to_char(c.from_day, 'YYYY-MM-DD'), c.version, c.actor, c.requested_by, c.reason, c.last_seq)
        union all
        select 'day_seal', c.org_id, format('%s: account %s was closed with %s, it says %s now', c.day, a.account, a.closing, coalesce(n.net, 0))
          from (select distinct on (c.bucket, c.org_id, c.day) c.*
                  from khop.day_close c join khop.org_head h on h.bucket = c.bucket and h.org_id = c.org_id and c.day < h.open_day
                 where c.what = 'closed' order by c.bucket, c.org_id, c.day, c.step desc) c
         cross join lateral jsonb_to_recordset(c.sheet::jsonb -> 'accounts') a (account int4, closing int8)
          left join lateral (
               select sum(case t.debit when a.account then t.amount else - t.amount end)::int8 as net from khop.day_total t
                where t.bucket = c.bucket and t.org_id = c.org_id and t.day <= c.day and (t.debit = a.account or t.credit = a.account)) n on true
         where a.closing <> coalesce(n.net, 0)
        union all
        select 'open_day', h.org_id, format('%s is open, the last close was of %s', h.open_day, c.day)
          from khop.org_head h
          join (select distinct on (c.bucket, c.org_id) c.* from khop.day_close c where c.what in ('closed', 'reopened')
                 order by c.bucket, c.org_id, c.last_seq desc nulls last, c.at desc, c.day desc, c.step desc) c on c.bucket = h.bucket and c.org_id = h.org_id
         where not exists (
               select from khop.day_close d where d.bucket = h.bucket and d.org_id = h.org_id
                  and (d.what = 'closed' and d.day = h.open_day - 1 or d.what = 'reopened' and d.from_day = h.open_day))
        union all
        -- 10: a line is at most one event and the other way round (by key); both are of one account, one way and one amount
        select 'line_event', e.org_id, format('line %s of account %s: its event %s is of another account, way or amount, or is not there', e.line_no,
            e.account_id, e.seq)
          from khop.line_event e
          left join khop.statement_line l on l.bucket = e.bucket and l.account_id = e.account_id and l.line_no = e.line_no and l.org_id = e.org_id
          left join khop.transfer t on t.bucket = e.bucket and t.org_id = e.org_id and t.seq = e.seq
         where t.account_id is distinct from e.account_id or (l.amount > 0) is distinct from (t.direction = 1) or t.kind > 2
            or (abs(l.amount) is distinct from t.amount) is distinct from (e.rule = 6) or (e.rule = 9) is distinct from (t.provider = 9 and t.ext_id = l.key)
        union all
        select 'line_event', t.org_id, format('seq %s came from a statement and is no line', t.seq)
          from khop.transfer t left join khop.line_event e on e.bucket = t.bucket and e.org_id = t.org_id and e.seq = t.seq
         where t.provider = 9 and e.rule is distinct from 9 and not exists (
               select 1 from khop.line_correction c where c.bucket = t.bucket and c.org_id = t.org_id and c.seq = t.seq)
        union all
        select 'line_correction', c.org_id, format('line %s of account %s: %s', c.line_no, c.account_id, c.fault)
          from (select c.*, case when e.rule is distinct from 6 then 'its event has the amount of the line'
                                 when not exists (select 1 from khop.transfer u where u.bucket = c.bucket and u.org_id = c.org_id and u.of_seq = e.seq and u.kind = 7)
                                      then 'the event with the other amount is not reversed'
                                 when (t.provider = 9 and t.ext_id = l.key and t.amount = abs(l.amount) and t.account_id = c.account_id) is distinct from true
                                      then 'the event was not settled from the line' end as fault
                  from khop.line_correction c
                  left join khop.line_event e on e.bucket = c.bucket and e.account_id = c.account_id and e.line_no = c.line_no
                  left join khop.statement_line l on l.bucket = c.bucket and l.account_id = c.account_id and l.line_no = c.line_no
                  left join khop.transfer t on t.bucket = c.bucket and t.org_id = c.org_id and t.seq = c.seq) c
         where c.fault is not null
        union all
        select 'healed_line', coalesce(h.org_id, e.org_id), format('line %s of account %s: what settlement knows of it is not what it says',
            coalesce(h.line_no, e.line_no),
               coalesce(h.account_id, e.account_id))
          from khop.healed_line h
          full join (select e.*, l.amount, l.bank_date, l.balance_after, l.code_no, l.reference, l.memo_key
                       from (select e.bucket, e.account_id, e.line_no, e.org_id, e.seq from khop.line_event e where e.rule = 9
                             union all
                             select c.bucket, c.account_id, c.line_no, c.org_id, c.seq from khop.line_correction c) e
                       join khop.statement_line l on l.bucket = e.bucket and l.account_id = e.account_id and l.line_no = e.line_no) e
            on e.bucket = h.bucket and e.account_id = h.account_id and e.line_no = h.line_no and e.org_id = h.org_id
         where (h.seq, h.direction, h.amount, h.bank_date, h.balance_after, h.code_no, h.reference, h.memo_key)
               is distinct from (e.seq, case when e.amount > 0 then 1 else 2 end::int2, abs(e.amount), e.bank_date, e.balance_after, e.code_no,
                   e.reference, e.memo_key)
        union all
        select 'healed_head', h.org_id, 'the head does not say whether there are healed lines'
          from khop.org_head h
         where h.healed is distinct from exists (select 1 from khop.healed_line x where x.bucket = h.bucket and x.org_id = h.org_id)
        union all
        select 'healed_notice', n.org_id, format('notice %s of account %s: its line was not healed, or its bytes are gone', n.ext_id, n.account_id)
          from khop.healed_notice n
          left join khop.healed_line h on h.bucket = n.bucket and h.account_id = n.account_id and h.line_no = n.line_no and h.org_id = n.org_id
          left join khop.notice x on x.bucket = n.bucket and x.received_on = (n.recorded_at at time zone interval '7 hours')::date and x.notice_id = n.notice_id
               and x.account_id = n.account_id
         where h.line_no is null or x.notice_id is null and (n.recorded_at at time zone interval '7 hours')::date >= v_notices_from
            or n.provider >= 9 or exists (select 1 from khop.transfer t where t.bucket = n.bucket and t.account_id = n.account_id
                and t.provider = n.provider and t.ext_id = n.ext_id)
        union all
        -- 11: a file is what was sent, its lines make its sums and balances; where balances do not go on there is an item
        select 'statement_file', f.org_id, format('file %s is not what was sent', f.file_id)
          from khop.statement_file f
          left join lateral (select string_agg(p.bytes, ''::bytea order by p.at) as bytes from khop.statement_piece p where p.bucket = f.bucket
              and p.file_id = f.file_id) p on true
         where p.bytes is null or sha256(p.bytes) <> f.hash or octet_length(p.bytes) <> f.size
            or not exists (select 1 from khop.account a where a.account_id = f.account_id and a.org_id = f.org_id)
        union all
        select 'statement_sum', f.org_id, format('file %s: %s lines of %s in and %s out, stored %s of %s and %s', f.file_id, r.n, r.credit, r.debit,
            f.lines, f.credit, f.debit)
          from khop.statement_file f
          left join lateral (
               select count(*) as n, coalesce(sum(x.amount) filter (where x.amount > 0), 0) as credit,
                   coalesce(- sum(x.amount) filter (where x.amount < 0), 0) as debit,
                      coalesce(bool_and(x.whole), true) as whole, coalesce(bool_and(x.sum = x.reckoned and x.place = x.n), true) as right_sums
                 from (select r.place, r.sum, l.amount, l.bank_date between f.covered_from and f.covered_to and r.account_id = f.account_id
                     and r.org_id = f.org_id as whole,
                              sum(l.amount) over (order by r.place) as reckoned, row_number() over (order by r.place) as n
                         from khop.statement_row r
                         left join khop.statement_line l on l.bucket = r.bucket and l.account_id = r.account_id and l.line_no = r.line_no
                        where r.bucket = f.bucket and r.file_id = f.file_id) x) r on true
         where (r.n, r.credit, r.debit) is distinct from (f.lines::int8, f.credit, f.debit) or not r.whole or not r.right_sums
        union all
        select 'statement_line', l.org_id, format('line %s of account %s is in no file', l.line_no, l.account_id)
          from khop.statement_line l
         where not exists (select 1 from khop.statement_row r where r.bucket = l.bucket and r.account_id = l.account_id and r.line_no = l.line_no
             and r.file_id = l.file_id)
        union all
        select 'balance_gap', a.org_id, format('line %s of account %s does not go on where line %s ended, and nobody was told', g.line_no, a.account_id,
            g.before_line)
          from khop.account a
         cross join lateral khop.statement_gaps(a.bucket, a.account_id, '-infinity', 'infinity') g
         where not exists (select 1 from khop.statement_item i where i.bucket = a.bucket and i.account_id = a.account_id and i.reason = 1 and i.about = g.line_no)
        union all
        select 'balance_gap', f.org_id, format('file %s: %s, %s in, %s out do not make %s', f.file_id, f.opening, f.credit, f.debit, f.closing)
          from khop.statement_file f
         where f.opening + f.credit - f.debit <> f.closing and not exists (
               select 1 from khop.statement_row r join khop.statement_item i on i.bucket = r.bucket and i.account_id = r.account_id and i.reason = 1
                   and i.about = r.line_no
                where r.bucket = f.bucket and r.file_id = f.file_id)
        union all
        select 'balance_mark', coalesce(m.org_id, s.org_id), format('balance %s of account %s: stored %s, the journal says %s', coalesce(m.balance, s.balance),
            coalesce(m.account_id, s.account_id), m.net, s.net)
          from (select * from khop.balance_mark m where m.net <> 0) m
          full join (select c.bucket, c.org_id, s.account_id, s.balance, sum(s.change)::int4 as net
                       from khop.balance_cursor c cross join lateral khop.balance_steps(c.bucket, c.org_id, c.from_seq, c.from_seq, c.next_seq) s
                      group by c.bucket, c.org_id, s.account_id, s.balance having sum(s.change) <> 0) s
            on s.bucket = m.bucket and s.org_id = m.org_id and s.account_id = m.account_id and s.balance = m.balance
         where m.net is distinct from s.net
        union all
        -- the chain of what has been done, to its head
        select 'audit_chain', e.org_id, format('seq %s: it or one before it is not what was written', e.seq)
          from (select e.*, lag(e.seq, 1, 0::int8) over w as seq_before,
                       lag(e.hash, 1, decode(repeat('00', 32), 'hex')) over w as hash_before
                  from khop.audit_event e window w as (partition by e.bucket, e.org_id order by e.seq)) e
         where e.seq <> e.seq_before + 1
            or e.hash <> khop.audit_link(e.hash_before, e.bucket, e.org_id, e.seq, e.at, e.actor, e.session8, e.ip, e.req, e.action, e.object,
                                         e.result, e.detail)
        union all
        select 'audit_head', h.org_id, format('the head says seq %s, the last event is %s', h.next_seq - 1, e.seq)
          from khop.audit_head h
          left join lateral (
               select e.seq, e.hash from khop.audit_event e where e.bucket = h.bucket and e.org_id = h.org_id order by e.seq desc limit 1) e on true
         where (h.next_seq - 1, h.hash) is distinct from (coalesce(e.seq, 0), coalesce(e.hash, decode(repeat('00', 32), 'hex')))
    )
    select b.name, format('%s broken; first of organisation %s: %s', count(*), min(b.org_id), (array_agg(b.what))[1])
      from broken b group by b.name order by b.name;
end $f$;
alter function audit.invariants owner to khop_owner;
revoke all on function audit.invariants from public;
grant execute on function audit.invariants to khop_audit;
comment on function audit.invariants is 'One row per broken invariant of the books; none when they are right';
