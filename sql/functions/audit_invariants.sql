-- The invariants of the books (ledger.md §2) that a query can check: one row per broken one, none when the books are right. Each check
-- reads whole tables once and says the first few places it found. The journal is recomputed from rows alone (13).
create or replace function audit.invariants() returns table (name text, detail text)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set work_mem = '256MB'
set enable_mergejoin = off
set jit = off
as $f$
#variable_conflict use_column
begin
    return query
    with
    entry as materialized ( -- every transfer with all that was written beside it, and the link of the chain that ends with it
        select t.bucket, t.org_id, t.seq, e.event_id, r.receipt_id, a.seq as allocation, b.seq as outbox, l.last_seq, l.first_seq, l.digest, l.chain,
               khop.journal_line(t.bucket, t.org_id, t.seq, t.booked_on, t.debit, t.credit, t.amount, t.kind, t.event_id, t.charge_id, t.reverses,
                   t.recorded_at, e.account_id, e.provider, e.ext_id, e.notice_id, e.direction, e.outcome, e.how, e.code_no, e.body_hash, e.paid_at,
                   e.reference, e.balance_after, e.receipt_year, e.receipt_no, r.rid, r.issued_at, r.key_no) as line,
               case when t.event_id is not null and (t.event_id, t.amount, t.recorded_at, t.kind) is distinct from
                         (e.event_id, e.amount, e.recorded_at, (case when e.outcome <= 3 then 1 else 2 end)::int2)
                      or t.charge_id is distinct from e.charge_id or t.event_id is null and (e.event_id is not null or t.kind in (1, 2))
                         then 'event_transfer'
                    when t.event_id is not null and (t.debit, t.credit) is distinct from
                         (case when e.direction = 1 then c.ledger_no when e.outcome <= 3 then 3318 else 1388 end,
                          case when e.direction = 2 then c.ledger_no when e.outcome <= 3 then 131 else 3388 end)
                         then 'event_accounts'
                    when case when e.outcome <= 3 then
                              (e.event_id, e.receipt_year, e.receipt_no, e.charge_id, e.code_no, e.amount, e.paid_at, e.recorded_at)
                              is distinct from (r.receipt_id, r.year, r.no, r.charge_id, r.code_no, r.amount, r.paid_at, r.issued_at)
                              or e.reference is distinct from r.reference
                         else r.receipt_id is not null or e.receipt_no is not null or e.receipt_year is not null end
                         then 'event_receipt'
                    when case when e.outcome <= 3 then
                              (e.charge_id, e.amount, e.receipt_year, e.receipt_no) is distinct from (a.charge_id, a.amount, a.receipt_year, a.receipt_no)
                         else a.seq is not null end
                         then 'event_allocation'
                    when case when e.outcome <= 3 then (e.charge_id, e.amount, e.recorded_at) is distinct from (b.charge_id, b.amount, b.created_at)
                         else b.seq is not null end
                         then 'event_outbox' end as fault
          from khop.transfer t
          left join khop.bank_event e on e.bucket = t.bucket and e.org_id = t.org_id and e.seq = t.seq
          left join khop.account c on c.account_id = e.account_id and c.org_id = e.org_id
          left join khop.receipt r on r.bucket = t.bucket and r.org_id = t.org_id and r.seq = t.seq
          left join khop.allocation a on a.bucket = t.bucket and a.org_id = t.org_id and a.seq = t.seq
          left join khop.outbox b on b.bucket = t.bucket and b.org_id = t.org_id and b.seq = t.seq and b.topic = 1
          left join khop.journal_link l on l.bucket = t.bucket and l.org_id = t.org_id and l.last_seq = t.seq),
    link as materialized ( -- the chain, each link with what its rows say; a group of rows without a link has no last_seq
        select n.bucket, n.org_id, n.low, n.high, n.last_seq, n.first_seq, n.digest, n.chain, n.rows, n.computed,
               coalesce(lag(n.last_seq) over w, 0) as before, coalesce(lag(n.chain) over w, decode(repeat('00', 32), 'hex')) as chain_before
          from (select x.bucket, x.org_id, min(x.seq) as low, max(x.seq) as high, max(x.last_seq) as last_seq, max(x.first_seq) as first_seq,
                       decode(max(encode(x.digest, 'hex')), 'hex') as digest, decode(max(encode(x.chain, 'hex')), 'hex') as chain,
                       count(*) as rows, sha256(convert_to(string_agg(x.line, E'\n' order by x.seq), 'UTF8')) as computed
                  from (select *, count(last_seq) over (partition by bucket, org_id order by seq desc) as place from entry) x
                 group by x.bucket, x.org_id, x.place) n
        window w as (partition by n.bucket, n.org_id order by n.high)),
    broken (name, org_id, what) as (
        -- 1: both sides of all accounts are equal
        select 'sides', null::int8, format('bucket %s: debits %s, credits %s', b.bucket, sum(b.dr), sum(b.cr))
          from khop.balance b group by b.bucket having sum(b.dr) <> sum(b.cr)
        union all
        -- 2: a balance is the sum of its transfers
        select 'balance', x.org_id, format('account %s: stored %s/%s, transfers %s/%s', x.account, sum(x.dr), sum(x.cr), sum(x.tdr), sum(x.tcr))
          from (select b.bucket, b.org_id, b.account, b.dr, b.cr, 0 as tdr, 0 as tcr from khop.balance b
                union all
                select t.bucket, t.org_id, t.debit, 0, 0, sum(t.amount), 0 from khop.transfer t group by t.bucket, t.org_id, t.debit
                union all
                select t.bucket, t.org_id, t.credit, 0, 0, 0, sum(t.amount) from khop.transfer t group by t.bucket, t.org_id, t.credit) x
         group by x.bucket, x.org_id, x.account having sum(x.dr) <> sum(x.tdr) or sum(x.cr) <> sum(x.tcr)
        union all
        -- 3: an event, its transfer, and what was written beside them are one and say the same
        select x.fault, x.org_id, format('seq %s', x.seq) from entry x where x.fault is not null
        union all
        select x.name, null, format('%s rows, %s belong to a transfer', x.have, x.matched)
          from (select 'event_transfer' as name, (select count(*) from khop.bank_event) as have, (select count(event_id) from entry) as matched
                union all
                select 'event_receipt', (select count(*) from khop.receipt), (select count(receipt_id) from entry)
                union all
                select 'event_allocation', (select count(*) from khop.allocation), (select count(allocation) from entry)
                union all
                select 'event_outbox', (select count(*) from khop.outbox), (select count(outbox) from entry)
                union all
                select 'journal_link', (select count(*) from khop.journal_link), (select count(last_seq) from entry)
                union all
                select 'event_twice', (select count(*) from entry), (select count(*) from khop.transfer)) x
         where x.have <> x.matched
        union all
        -- 5: numbers have no gap and no repeat
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
        -- 7: a charge's paid is the sum of its allocations (and an allocation is its event's whole amount, above)
        select 'charge_paid', coalesce(d.org_id, l.org_id), format('charge %s: paid %s, allocations %s', coalesce(d.charge_id, l.charge_id), d.paid, l.amount)
          from khop.charge_due d
          full join (select l.bucket, l.charge_id, l.org_id, sum(l.amount) as amount, max(r.paid_at) as last_paid_at
                       from khop.allocation l
                       left join khop.receipt r on r.bucket = l.bucket and r.org_id = l.org_id and r.year = l.receipt_year and r.no = l.receipt_no
                      group by l.bucket, l.charge_id, l.org_id) l
            on l.bucket = d.bucket and l.charge_id = d.charge_id and l.org_id = d.org_id
         where d.paid is distinct from coalesce(l.amount, 0) or d.last_paid_at is distinct from l.last_paid_at
        union all
        select 'charge_facts', coalesce(c.org_id, d.org_id), format('charge %s does not agree with what settlement knows of it', coalesce(c.charge_id, d.charge_id))
          from (select c.*, k.direction from khop.charge c left join khop.code_kind k on k.letter = c.kind) c
          full join khop.charge_due d on d.bucket = c.bucket and d.code_no = c.code_no
         where (c.charge_id, c.org_id, c.account_id, c.amount, c.expires_at, c.cancelled_at is not null)
               is distinct from (d.charge_id, d.org_id, d.account_id, d.due, d.expires_at, d.cancelled)
            or c.direction is distinct from d.direction
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
          from (select b.bucket, b.org_id, b.account, case b.account when 3388 then b.cr - b.dr else b.dr - b.cr end as net, 0 as held
                  from khop.balance b where b.account in (1388, 3388)
                union all
                select x.bucket, x.org_id, case x.direction when 1 then 3388 else 1388 end, 0, x.held
                  from khop.exception x where x.state in ('open', 'proposed') and x.held > 0) x
         group by x.bucket, x.org_id, x.account having sum(x.net) <> sum(x.held)
        union all
        select 'event_exception', coalesce(e.org_id, x.org_id), format('seq %s: outcome %s, exception %s', coalesce(e.seq, x.seq), e.outcome, x.reason)
          from (select *, (array[null, 'short', 'over', 'already_paid', 'unknown_code', 'cancelled_charge', 'expired', 'no_code', 'wrong_account',
                                 'several_charges', 'out_of_direction', 'ambiguous_code'])[e.outcome] as reason
                  from khop.bank_event e where e.outcome > 1) e
          full join (select * from khop.exception x where x.seq is not null) x on x.bucket = e.bucket and x.org_id = e.org_id and x.seq = e.seq
         where (e.event_id, e.reason, e.amount, e.direction, case when e.outcome <= 3 then 0 else e.amount end)
               is distinct from (x.exception_id, x.reason, x.amount, x.direction, x.held)
            or (e.account_id, e.provider, e.ext_id, e.notice_id) is distinct from (x.account_id, x.provider, x.ext_id, x.notice_id)
            or e.charge_id is distinct from x.charge_id or e.code_no is distinct from x.code_no
        union all
        select 'exception_held', x.org_id, format('exception %s (%s) holds %s without a transfer', x.exception_id, x.reason, x.held)
          from khop.exception x where x.seq is null and x.held <> 0
        union all
        -- what was received is kept
        select 'notice', e.org_id, format('seq %s: notice %s is not there', e.seq, e.notice_id)
          from khop.bank_event e left join khop.notice n on n.bucket = e.bucket and n.notice_id = e.notice_id
         where n.notice_id is null
        union all
        select 'notice', n.org_id, format('notice %s: the body is not what was received', n.notice_id)
          from khop.notice n where sha256(n.body) <> n.body_hash
        union all
        -- 13: every link of the journal from rows alone, and the chain to the head
        select 'journal_link', v.org_id, format('seq %s to %s: %s', v.low, v.high, v.fault)
          from (select l.*, case when l.last_seq is null then 'rows without a link'
                                 when l.first_seq <> l.before + 1 then 'rows between two links'
                                 when l.rows <> l.last_seq - l.first_seq + 1 then 'a row is gone'
                                 when l.computed <> l.digest then 'the rows are not those that were written'
                                 when l.chain <> sha256(l.chain_before || l.digest) then 'the chain breaks here' end as fault
                  from link l) v
         where v.fault is not null
        union all
        select 'journal_head', h.org_id, format('head says seq %s, the last link %s', h.next_seq - 1, l.last_seq)
          from khop.org_head h
          left join (select distinct on (l.bucket, l.org_id) * from khop.journal_link l order by l.bucket, l.org_id, l.last_seq desc) l
            on l.bucket = h.bucket and l.org_id = h.org_id
         where h.chain <> coalesce(l.chain, decode(repeat('00', 32), 'hex')) or h.next_seq - 1 <> coalesce(l.last_seq, 0)
    )
    select b.name, format('%s broken; first of organisation %s: %s', count(*), min(b.org_id), (array_agg(b.what))[1])
      from broken b group by b.name order by b.name;
end $f$;
alter function audit.invariants owner to khop_owner;
revoke all on function audit.invariants from public;
grant execute on function audit.invariants to khop_audit;
comment on function audit.invariants is 'One row per broken invariant of the books; none when they are right';
