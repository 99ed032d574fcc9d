-- The invariants of what came after the last verified link of each organisation's journal: what is new costs, not what is
-- stored. The rows are recomputed, the chain goes on from the mark and ends at the head, numbers have no gap, the totals of all days are those
-- of the mark and of the new rows, raw notices are there as they came. Whether rows that were verified before are still what they were,
-- and what stands beside the journal (charges, exceptions, credit), is for audit.invariants(), once a day. The arguments say how far to go: the heads as
-- khop.invariants read them.
create or replace function khop.invariants_since(h_bucket int4[], h_org int8[], h_seq int8[], h_chain bytea[], h_year int4[], h_receipt int4[])
returns table (name text, detail text)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set work_mem = '64MB'
set jit = off
set enable_seqscan = off
set enable_mergejoin = off
as $f$
#variable_conflict use_column
begin
    return query
    with
    head as materialized (
        select h.bucket, h.org_id, h.seq, h.chain, h.year, h.receipt, coalesce(v.seq, 0) as from_seq, coalesce(v.event_id, 0) as from_id,
               coalesce(v.chain, decode(repeat('00', 32), 'hex')) as from_chain, coalesce(v.receipt_year, 0) as from_year, coalesce(v.receipt_no, 0) as from_receipt
          from unnest(h_bucket, h_org, h_seq, h_chain, h_year, h_receipt) h (bucket, org_id, seq, chain, year, receipt)
          left join lateral (select v.* from khop.verified v where v.bucket = h.bucket and v.org_id = h.org_id limit 1) v on true),
    fresh as materialized ( -- new rows with their receipts; those behind the head we read (upto) count for the totals alone
        select t.*, w.payer_id, w.to_code, w.actor, w.match_id, w.other_seq,
               h.from_id, h.from_year, h.from_receipt, t.seq <= h.seq as upto
          from head h
          join lateral (select t.* from khop.transfer t where t.bucket = h.bucket and t.org_id = h.org_id and t.seq > h.from_seq offset 0) t on true
          left join lateral (
               select w.* from khop.act w where w.bucket = t.bucket and w.org_id = t.org_id and w.seq = t.seq and t.kind > 2 limit 1) w on true),
    numbered as (
        select f.*, lag(f.event_id, 1, f.from_id) over journal as id_before, count(f.receipt_no) over journal as receipts, count(*) over journal as rows,
               count(f.chain) over journal - (f.chain is not null)::int as link
          from fresh f where f.upto window journal as (partition by f.bucket, f.org_id order by f.seq)),
    link as (
        select n.bucket, n.org_id, n.link, max(n.seq) as seq, (array_agg(n.chain order by n.seq desc))[1] as chain,
               sha256(convert_to(string_agg(khop.journal_line(n.bucket, n.org_id, n.seq, n.booked_on, n.debit, n.credit, n.amount, n.kind, n.event_id,
                   n.of_seq, n.recorded_at, n.account_id, n.provider, n.ext_id, n.notice_id, n.direction, n.outcome, n.how, n.code_no, n.body_hash,
                   n.paid_at, n.reference, n.balance_after, n.receipt_year, n.receipt_no, n.rid, n.key_no, n.payer_id, n.to_code, n.actor, n.match_id, n.other_seq),
                   E'\n' order by n.seq), 'UTF8')) as computed
          from numbered n group by n.bucket, n.org_id, n.link),
    broken (name, org_id, what) as (
        select 'journal_mark', h.org_id, format('seq %s is not what was verified', h.from_seq)
          from head h
          left join lateral (
               select t.chain, t.event_id from khop.transfer t where t.bucket = h.bucket and t.org_id = h.org_id and t.seq = h.from_seq limit 1) t on true
         where h.from_seq > 0 and (t.chain, t.event_id) is distinct from (h.from_chain, h.from_id) or h.seq < h.from_seq
        union all
        select 'journal_link', l.org_id, format('up to seq %s: the rows or the chain are not what was written', l.seq)
          from (select l.*, lag(l.chain, 1, h.from_chain) over (partition by l.bucket, l.org_id order by l.link) as before
                  from link l join head h on h.bucket = l.bucket and h.org_id = l.org_id) l
         where l.chain is distinct from sha256(l.before || l.computed)
        union all
        select 'journal_head', h.org_id, format('head says seq %s, the last link %s', h.seq, coalesce(l.seq, h.from_seq))
          from head h
          left join (select distinct on (l.bucket, l.org_id) l.* from link l order by l.bucket, l.org_id, l.link desc) l
            on l.bucket = h.bucket and l.org_id = h.org_id
         where h.chain is distinct from coalesce(l.chain, h.from_chain) or h.seq <> coalesce(l.seq, h.from_seq)
        union all
        select 'seq_gap', h.org_id, format('from %s to %s: %s transfers', h.from_seq + 1, h.seq, coalesce(n.n, 0))
          from head h
          left join (select n.bucket, n.org_id, count(*) as n from numbered n group by n.bucket, n.org_id) n on n.bucket = h.bucket and n.org_id = h.org_id
         where coalesce(n.n, 0) <> h.seq - h.from_seq
        union all
        select 'id_order', n.org_id, format('seq %s: its id is not above that of the transfer before', n.seq) from numbered n where n.event_id <= n.id_before
        union all
        -- receipts: what pays a charge has one, and the numbers follow one another
        select 'event_receipt', n.org_id, format('seq %s', n.seq)
          from numbered n
         where coalesce(n.outcome <= 3, n.kind = 3) <> (n.receipt_no is not null)
        union all
        select 'receipt_gap', n.org_id, format('year %s, no. %s follows %s', n.receipt_year, n.receipt_no, n.before)
          from (select n.*, lag(n.receipt_no, 1, n.from_receipt) over numbers as before, lag(n.receipt_year::int4, 1, n.from_year) over numbers as year_before
                  from numbered n where n.receipt_no is not null window numbers as (partition by n.bucket, n.org_id order by n.seq)) n
         where n.receipt_no <> case when n.receipt_year = n.year_before then n.before + 1 else 1 end or n.receipt_year < n.year_before
        union all
        select 'receipt_gap', h.org_id, format('year %s: the head says no. %s, %s are there', h.year, h.receipt, r.n)
          from head h
          cross join lateral (
               select count(*) as n from khop.receipt r where r.bucket = h.bucket and r.org_id = h.org_id and r.year = h.year
                  and r.no > case when h.from_year = h.year then h.from_receipt else 0 end and r.no <= h.receipt) r
         where r.n <> h.receipt - case when h.from_year = h.year then h.from_receipt else 0 end
        union all
        select 'day_total', coalesce(s.org_id, t.org_id), format('%s, %s to %s: stored %s (%s), transfers %s (%s)', coalesce(s.day, t.day),
               coalesce(s.debit, t.debit), coalesce(s.credit, t.credit), s.amount, s.n, t.amount, t.n)
          from (select d.* from khop.day_total d join head h on h.bucket = d.bucket and h.org_id = d.org_id) s
          full join (select u.bucket, u.org_id, u.day, u.debit, u.credit, sum(u.n)::int8 as n, sum(u.amount)::int8 as amount
                       from (select v.bucket, v.org_id, v.day, v.debit, v.credit, v.n, v.amount from khop.verified_total v
                             union all
                             select f.bucket, f.org_id, f.booked_on, f.debit, f.credit, 1, f.amount from fresh f) u
                      group by u.bucket, u.org_id, u.day, u.debit, u.credit) t
            on t.bucket = s.bucket and t.org_id = s.org_id and t.day = s.day and t.debit = s.debit and t.credit = s.credit
         where (s.n, s.amount) is distinct from (t.n, t.amount)
        union all
        select 'notice', f.org_id, format('seq %s: its notice is not there, or its body is not what was received', f.seq)
          from fresh f
          left join lateral (
               select n.body, n.body_hash from khop.notice n
                where n.bucket = f.bucket and n.received_on = (f.recorded_at at time zone interval '7 hours')::date
                  and n.notice_id = coalesce(f.notice_id, f.event_id) limit 1) n on true
         where f.kind <= 2 and f.upto and sha256(n.body) is distinct from n.body_hash
    )
    select b.name, format('%s broken; first of organisation %s: %s', count(*), min(b.org_id), (array_agg(b.what))[1])
      from broken b group by b.name order by b.name;
end $f$;
alter function khop.invariants_since owner to khop_owner;
revoke all on function khop.invariants_since from public;
grant execute on function khop.invariants_since to khop_fn_settle;
comment on function khop.invariants_since is 'Broken invariants of what came after the last verified link';
