-- One batch of bank events of one bucket (ledger.md §4): raw notices, the journal with each event and its outcome, totals of the
-- day, charges, receipts, exceptions and the hash chain; one row per event in the order given.
--
-- * bucket_head gives the ids and orders batches of a bucket; org_head, locked in order, orders all writers of an organisation. What the
--   statements after it read is what earlier lock holders committed.
-- * The organisation comes from the receiving account. An event whose account is not of this bucket gets outcome NULL and is not stored.
-- * Decide, then write. Deciding has a short way for the common batch: every event names one charge of its own account by its exact code, no charge
--   and no id twice; it is new, or has been stored with the same content. Everything else is for settle_decide; on a common batch both
--   answer the same (tests/sql/model.py holds both against one model).
-- * Writing has a short way, too: in a plain batch every event is new and pays exactly what its charge still needs, and those of an organisation stand
--   together, as khopd sends them. So numbers follow from places, without sorting, there is nothing in suspense, and half of the joins go: a third
--   fewer instructions. Both ways write the same rows (tests/sql/plain.sql).
-- * Joins: between own rows by hash (nested loops are off, because an array is planned as 10 rows), into tables by key, as LATERAL …
--   LIMIT 1 (= any (array) will not do: without statistics ten look-ups seem dearer than reading the bucket). Counters have a function of
--   their own, settle_counters. So the plans are right from the first row of an empty database on (tests/sql/plans.sql counts what is scanned).
-- * What parts hand to one another are arrays of rows: an aggregate costs a batch of one event as much as a look-up. Columns are named, because
--   setting up a column of a plan costs more than reading it.
create or replace function khop.settle_batch(
    p_bucket int4, p_now timestamptz, p_key_no int2, n_connection int8[], n_body bytea[], n_hash bytea[],
    e_notice int4[], e_account int8[], e_provider int2[], e_ext text[], e_hash bytea[], e_direction int2[],
    e_amount int8[], e_paid_at timestamptz[], e_memo text[], e_reference text[], e_balance int8[], e_rid bytea[],
    c_event int4[], c_code int4[], c_how int2[])
returns table (ord int4, outcome int2, repeated bool, conflict bool, event_id int8, seq int8, receipt_year int4, receipt_no int8,
    charge_id int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_nestloop = off
set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $f$
#variable_conflict use_column
declare
    v_today constant date := (p_now at time zone interval '7 hours')::date;
    v_year constant int4 := extract(year from v_today)::int4;
    v_reason constant text[] := array[null, 'short', 'over', 'already_paid', 'unknown_code', 'cancelled_charge', 'expired', 'no_code',
        'wrong_account', 'several_charges', 'out_of_direction', 'ambiguous_code'];
    v_n constant int4 := coalesce(cardinality(e_ext), 0);
    v_runs bool; -- the events of each organisation stand together
    v_common bool;
    v_plain bool; -- common, and each event is new and pays its charge exactly
    v_base int8; -- the first event's id, the next one's is one higher …
    v_accounts khop.settle_account[];
    v_books khop.settle_book[];
    v_decided khop.settle_decision[];
    v_healed bool;
    m_ext text[];
    m_hash bytea[];
begin
    perform khop.partitions_ensure(v_today);
    insert into khop.bucket_head as b (bucket, next_id) values (p_bucket, (p_bucket::int8 << 48) + 1 + v_n)
    on conflict (bucket) do update set next_id = b.next_id + v_n
    returning b.next_id - v_n into v_base;
    select array_agg(row(a.account_id, a.org_id, a.ledger_no)::khop.settle_account) into v_accounts
      from khop.account a where a.account_id = any (e_account) and a.bucket = p_bucket;
    select array_agg(row(h.org_id, h.open_day, h.next_seq, h.receipt_year, h.next_receipt, h.chain, r.first)::khop.settle_book), bool_or(h.healed),
           bool_and(r.last - r.first + 1 = r.n) and sum(r.n) = v_n
      into v_books, v_healed, v_runs
      from (select h.org_id, h.open_day, h.next_seq, h.receipt_year, h.next_receipt, h.chain, h.healed from khop.org_head h
             where h.bucket = p_bucket and h.org_id = any (array(select a.org from unnest(v_accounts) a)) order by h.org_id for no key update) h
      left join (select a.org, min(e.o) as first, max(e.o) as last, count(*) as n
                   from unnest(e_account) with ordinality e (acc, o) join unnest(v_accounts) a on a.id = e.acc group by a.org) r on r.org = h.org_id;

    if v_healed then -- a notice of money that the statement brought first is that line's event again
        select h.ext, h.hash into m_ext, m_hash
          from khop.settle_healed(p_bucket, p_now, v_base, n_connection, n_body, n_hash, e_notice, e_account, e_provider, e_ext, e_direction, e_amount,
              e_paid_at, e_memo,
                   e_reference, e_balance, e_hash, c_event, c_code, c_how) h;
        select array_agg(case when m.ext is null then e.prov else 9::int2 end order by e.o), array_agg(coalesce(m.ext, e.ext) order by e.o),
               array_agg(coalesce(m.hash, e.hash) order by e.o)
          into e_provider, e_ext, e_hash
          from unnest(e_provider, e_ext, e_hash) with ordinality e (prov, ext, hash, o)
          left join unnest(m_ext, m_hash) with ordinality m (ext, hash, o) on m.o = e.o and m.ext is not null;
    end if;
    v_common := cardinality(c_event) = v_n and not (2::int2 = any (c_how) or 3::int2 = any (c_how));
    if v_common then
        select coalesce(bool_and(coalesce(x.common, false)) and count(distinct x.code) = v_n and count(distinct x.ext) = v_n, false),
               coalesce(bool_and(coalesce(x.st = 1, false)), false),
               array_agg(row(x.st, x.how, x.code, x.charge_id, x.last_seq, null, x.o, null, null, case when x.s_event is null then x.o end,
                             x.s_event, x.s_outcome, x.s_seq, x.s_year, x.s_no, x.charge_id, x.place)::khop.settle_decision)
          into v_common, v_plain, v_decided
          from (select e.o::int4 as o, e.code, e.how, e.ext collate "C" as ext, c.place, c.charge_id, c.last_seq, s.event_id as s_event,
                       s.outcome as s_outcome, s.seq as s_seq, s.receipt_year as s_year, s.receipt_no as s_no,
                       case when s.event_id is not null then null when c.of_payer and c.direction = 1 and c.paid + e.amt is distinct from c.due then 10
                            when c.due is null then 1 when c.paid >= c.due then 4 when c.paid + e.amt = c.due then 1
                            when c.paid + e.amt < c.due then 2 else 3 end::int2 as st,
                       e.ev = e.o and e.notice = e.o
                       and case when s.event_id is not null then s.body_hash = e.hash and s.code_no = e.code
                                else c.account_id = e.acc and c.direction = e.dir and not c.cancelled
                                     and coalesce(c.expires_at >= coalesce(e.paid_at, p_now), true) end as common
                  from unnest(e_notice, e_account, e_provider, e_ext, e_hash, e_direction, e_amount, e_paid_at, c_event, c_code, c_how)
                       with ordinality e (notice, acc, prov, ext, hash, dir, amt, paid_at, ev, code, how, o)
                  left join lateral (
                       select c.ctid as place, c.charge_id, c.account_id, c.due, c.paid + c.adjusted as paid, c.last_seq, c.of_payer, c.direction,
                              c.cancelled, c.expires_at
                         from khop.charge_due c where c.bucket = p_bucket and c.code_no = e.code limit 1) c on true
                  left join lateral (
                       select t.event_id, t.outcome, t.seq, t.receipt_year, t.receipt_no, t.body_hash, t.code_no from khop.transfer t
                        where t.bucket = p_bucket and t.account_id = e.acc and t.provider = e.prov and t.ext_id = e.ext limit 1) s on true
                offset 0) x;
    end if;
    if not v_common then
        v_decided := khop.settle_decide(p_bucket, p_now, v_accounts, e_notice, e_account, e_provider, e_ext, e_hash, e_direction, e_amount,
               e_paid_at, c_event, c_code, c_how);
    end if;

    if v_common and v_plain and v_runs then
        return query
        with
        head as materialized ( -- numbers less the place of the first event
            select a.id as acc, a.ledger, h.org, h.open_day, h.seq - h.first as seq, greatest(h.year, v_year) as year,
                   case when v_year > h.year then 1 else h.no end - h.first as no
              from unnest(v_books) h join unnest(v_accounts) a on a.org = h.org),
        entry as materialized (
            select e.o, e.code, e.amt, coalesce(e.paid_at, p_now) as paid, h.seq + e.o as seq, e.place, h.org,
                   greatest(h.open_day, least((coalesce(e.paid_at, p_now) at time zone interval '7 hours')::date, v_today)) as day,
                   case when e.dir = 1 then h.ledger else 3318 end as debit, case when e.dir = 2 then h.ledger else 131 end as credit,
                   v_base + e.o - 1 as id, h.no + e.o as no, h.year::int2 as year, e.charge_id, e.acc, e.prov, e.dir, e.previous, e.bal,
                   e.ext, e.ref, e.hash, e.rid
              from unnest(e_account, e_provider, e_ext, e_hash, e_direction, e_amount, e_paid_at, e_reference, e_balance, e_rid, v_decided) with ordinality
                   e (acc, prov, ext, hash, dir, amt, paid_at, ref, bal, rid,
                      st, how, code, charge_id, previous, previous_o, first_o, conflict, clash, at, s_event, s_outcome, s_seq, s_year, s_no, s_charge, place, o)
              join head h on h.acc = e.acc
             order by e.o),
        sealed as materialized (
            select x.org, x.last_seq, x.last_no, greatest(h.year, v_year) as year, sha256(h.chain || sha256(convert_to(x.lines, 'UTF8'))) as chain
              from (select b.org, max(b.seq) as last_seq, max(b.no) as last_no,
                           string_agg(khop.journal_line(
                               p_bucket, b.org, b.seq, b.day, b.debit, b.credit, b.amt, 1::int2, b.id, null, p_now, b.acc, b.prov, b.ext, null,
                               b.dir, 1::int2, 1::int2, b.code, b.hash, b.paid, b.ref, b.bal, b.year, b.no::int4, b.rid, p_key_no, null, null, null, null),
                               E'\n') as lines
                      from entry b group by b.org) x
              join unnest(v_books) h on h.org = x.org),
        w_notice as (
            insert into khop.notice (bucket, received_on, notice_id, account_id, connection_id, received_at, body, body_hash)
            select p_bucket, v_today, v_base + n.o - 1, n.acc, n.connection, p_now, n.body, n.hash
              from unnest(n_connection, n_body, n_hash, e_account) with ordinality n (connection, body, hash, acc, o)),
        w_transfer as (
            insert into khop.transfer (bucket, booked_on, org_id, seq, event_id, amount, recorded_at, debit, credit, account_id, paid_at,
                   balance_after, previous, code_no, receipt_no, receipt_year, kind, provider, direction, outcome, how, key_no, ext_id, reference,
                   body_hash, rid, chain)
            select p_bucket, b.day, b.org, b.seq, b.id, b.amt, p_now, b.debit, b.credit, b.acc, b.paid, b.bal, b.previous, b.code, b.no, b.year, 1,
                   b.prov, b.dir, 1, 1, p_key_no, b.ext, b.ref, b.hash, b.rid, s.chain
              from entry b left join sealed s on s.org = b.org and s.last_seq = b.seq),
        counters as materialized ( -- read below, so that it is done
            select khop.settle_counters(p_bucket,
                   (select array_agg(row(b.code, b.amt, b.paid, b.seq, 1, b.place)::khop.settle_due) from entry b),
                   (select array_agg(t.total)
                      from (select row(b.org, b.day, b.debit, b.credit, count(*), sum(b.amt)::int8)::khop.settle_total as total
                              from entry b group by b.org, b.day, b.debit, b.credit) t),
                   (select array_agg(row(s.org, s.last_seq + 1, s.year, s.last_no + 1, s.chain)::khop.settle_head) from sealed s)) as heads)
        select b.o::int4, 1::int2, false, false, b.id, b.seq, b.year::int4, b.no, b.charge_id
          from counters
         cross join entry b
         order by b.o;
        return;
    end if;

    return query
    with
    event as materialized (
        select e.*, e.o::int4 as ord, v_base + e.o - 1 as id, case when e.at <> e.o then v_base + e.at - 1 end as notice_id,
               coalesce(e.paid_at, p_now) as paid
          from unnest(e_notice, e_account, e_provider, e_ext, e_hash, e_direction, e_amount, e_paid_at, e_memo, e_reference, e_balance, e_rid,
                      v_decided)
               with ordinality e (notice, acc, prov, ext, hash, dir, amt, paid_at, memo, ref, bal, rid,
                      st, how, code, charge_id, previous, previous_o, first_o, conflict, clash, at, s_event, s_outcome, s_seq, s_year, s_no, s_charge, place, o)),
    head as materialized ( -- the first number of this batch in the journal and in this year's book of receipts
        select h.org, h.open_day, h.seq, h.chain, greatest(h.year, v_year) as year, case when v_year > h.year then 1 else h.no end as no
          from unnest(v_books) h),
    booked as materialized (
        select e.*, a.org, h.chain, h.no as head_no, h.year, greatest(h.open_day, least((e.paid at time zone interval '7 hours')::date, v_today)) as day,
               h.seq - 1 + row_number() over in_turn as seq,
               case when e.st <= 3 then h.no - 1 + count(*) filter (where e.st <= 3) over in_turn end as no,
               case when e.dir = 1 then a.ledger when e.st <= 3 then 3318 else 1388 end as debit,
               case when e.dir = 2 then a.ledger when e.st <= 3 then 131 else 3388 end as credit,
               case when e.st <= 3 then h.year end::int2 as r_year, case when e.st <= 3 then 1 else 2 end::int2 as kind
          from event e
          join unnest(v_accounts) a on a.id = e.acc
          join head h on h.org = a.org
         where e.st is not null
        window in_turn as (partition by a.org order by e.o rows unbounded preceding)
         order by a.org, e.o),
    sealed as materialized ( -- lines come in the order of booked, which is that of seq
        select b.org, b.head_no, b.year, max(b.seq) as last_seq, max(b.no) as last_no,
               sha256(b.chain || sha256(convert_to(string_agg(b.line, E'\n'), 'UTF8'))) as chain
          from (select b.*, khop.journal_line(
                       p_bucket, b.org, b.seq, b.day, b.debit, b.credit, b.amt, b.kind, b.id, null, p_now, b.acc, b.prov, b.ext, b.notice_id,
                       b.dir, b.st, b.how, b.code, b.hash, b.paid, b.ref, b.bal, b.r_year, b.no::int4, case when b.st <= 3 then b.rid end,
                       case when b.st <= 3 then p_key_no end, null, null, null, null) as line
                  from booked b offset 0) b
         group by b.org, b.chain, b.head_no, b.year),
    w_notice as (
        insert into khop.notice (bucket, received_on, notice_id, account_id, connection_id, received_at, body, body_hash)
        select p_bucket, v_today, e.id, e.acc, n.connection, p_now, n.body, n.hash
          from event e join unnest(n_connection, n_body, n_hash) with ordinality n (connection, body, hash, o) on n.o = e.notice
         where e.at = e.o),
    w_transfer as (
        insert into khop.transfer (bucket, booked_on, org_id, seq, event_id, amount, recorded_at, debit, credit, account_id, paid_at,
               balance_after, notice_id, previous, code_no, receipt_no, receipt_year, kind, provider, direction, outcome, how, key_no, ext_id, reference,
               body_hash, rid, chain)
        select p_bucket, b.day, b.org, b.seq, b.id, b.amt, p_now, b.debit, b.credit, b.acc, b.paid, b.bal, b.notice_id,
               case when b.st <= 3 then coalesce(p.seq, b.previous) end, b.code, b.no, b.r_year, b.kind,
               b.prov, b.dir, b.st, b.how, case when b.st <= 3 then p_key_no end, b.ext, b.ref, b.hash, case when b.st <= 3 then b.rid end, s.chain
          from booked b left join sealed s on s.org = b.org and s.last_seq = b.seq left join booked p on p.ord = b.previous_o),
    w_exception as (
        insert into khop.exception (bucket, exception_id, org_id, account_id, provider, direction, reason, held, amount, charge_id,
               code_no, seq, ext_id, memo, notice_id, opened_at, pending)
        select p_bucket, b.id, b.org, b.acc, b.prov, b.dir, case when b.amt <= c.due / 1000 then 'tiny_amount' else v_reason[b.st] end,
               case when b.st <= 3 then 0 else b.amt end, b.amt, b.charge_id,
               b.code, b.seq, b.ext, b.memo, coalesce(b.notice_id, b.id), p_now, b.code is not null and b.dir = 1 and b.st in (10, 11)
          from booked b
          left join lateral (select c.due from khop.charge_due c where b.st = 2 and c.bucket = p_bucket and c.code_no = b.code limit 1) c on true
         where b.st > 1
        union all
        select p_bucket, e.id, a.org, e.acc, e.prov, e.dir, 'body_conflict', 0, e.amt, null, null, null, e.ext, e.memo, coalesce(e.notice_id, e.id), p_now, false
          from event e join unnest(v_accounts) a on a.id = e.acc where e.clash),
    counters as materialized ( -- read below, so that it is done
        select khop.settle_counters(p_bucket,
               (select array_agg(c.due)
                  from (select row(b.code, sum(b.amt)::int8, max(b.paid), max(b.seq), count(*)::int4, b.place)::khop.settle_due as due
                          from booked b where b.st <= 3 group by b.code, b.place) c),
               (select array_agg(t.total)
                  from (select row(b.org, b.day, b.debit, b.credit, count(*), sum(b.amt)::int8)::khop.settle_total as total
                          from booked b group by b.org, b.day, b.debit, b.credit) t),
               (select array_agg(row(s.org, s.last_seq + 1, s.year, coalesce(s.last_no + 1, s.head_no), s.chain)::khop.settle_head) from sealed s)) as heads)

    select e.ord, coalesce(b.st, e.s_outcome), e.s_event is not null or e.ord > e.first_o, coalesce(e.conflict, false), coalesce(b.id, e.s_event),
           coalesce(b.seq, e.s_seq), coalesce(b.r_year, e.s_year)::int4, coalesce(b.no, e.s_no), coalesce(b.charge_id, e.s_charge)
      from counters
     cross join event e
      left join booked b on b.ord = e.first_o
     order by e.ord;
end $f$;
alter function khop.settle_batch owner to khop_fn_settle;
revoke all on function khop.settle_batch from public;
grant execute on function khop.settle_batch to khop_serve, khop_jobs;
comment on function khop.settle_batch is 'Settles a batch of bank events of one bucket; idempotent by (account, provider, ext_id); one row per event in order';
