-- One batch of bank events of one bucket (ledger.md §4): raw notices, the journal with each event and its outcome, totals of the
-- day, charges, receipts, exceptions and the hash chain; one row per event in the order given.
--
-- * bucket_head gives the ids and orders batches of a bucket; org_head, locked in order, orders all writers of an organisation. What the
--   statements after it read is what earlier lock holders committed.
-- * The organisation comes from the receiving account. An event whose account is not of this bucket gets outcome NULL and is not stored.
-- * Decide, then write. Deciding has a short way for the common batch: every event names one charge of its own account by its exact code, no charge
--   and no id twice; it is new, or has been stored with the same content. Everything else is for settle_decide; on a common batch both
--   answer the same (tests/sql/model.py holds both against one model). Writing is one statement for both.
-- * Joins: between own rows by hash (nested loops are off, because an array is planned as 10 rows), into tables by key, as LATERAL …
--   LIMIT 1. Counters are written by ON CONFLICT, which goes by key whatever the planner believes (= any (array) does not: without
--   statistics ten look-ups seem dearer than reading the bucket). So the plans are right from
--   the first row of an empty database on (tests/sql/plans.sql counts what is scanned).
create or replace function khop.settle_batch(
    p_bucket int4, p_now timestamptz, p_key_no int2, n_connection int8[], n_body bytea[], n_hash bytea[],
    e_notice int4[], e_account int8[], e_provider int2[], e_ext text[], e_hash bytea[], e_direction int2[],
    e_amount int8[], e_paid_at timestamptz[], e_memo text[], e_reference text[], e_balance int8[], e_rid bytea[],
    c_event int4[], c_code int4[], c_how int2[])
returns table (ord int4, outcome int2, repeated bool, conflict bool, event_id int8, seq int8, receipt_year int4, receipt_no int8,
    charge_id int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set enable_nestloop = off
set enable_mergejoin = off
set jit = off
set plan_cache_mode = force_generic_plan
as $f$
#variable_conflict use_column
declare
    v_today constant date := (p_now at time zone interval '7 hours')::date;
    v_year constant int4 := extract(year from v_today)::int4;
    v_reason constant text[] := array[null, 'short', 'over', 'already_paid', 'unknown_code', 'cancelled_charge', 'expired', 'no_code',
        'wrong_account', 'several_charges', 'out_of_direction', 'ambiguous_code'];
    v_n constant int4 := coalesce(cardinality(e_ext), 0);
    v_common bool;
    v_base int8; -- the first event's id, the next one's is one higher …
    a_id int8[]; a_org int8[]; a_ledger int4[];
    h_org int8[]; h_day date[]; h_seq int8[]; h_year int4[]; h_no int8[]; h_chain bytea[];
    d record;
begin
    perform khop.partitions_ensure(v_today);
    insert into khop.bucket_head as b (bucket, next_id) values (p_bucket, (p_bucket::int8 << 48) + 1 + v_n)
    on conflict (bucket) do update set next_id = b.next_id + v_n
    returning b.next_id - v_n into v_base;
    select array_agg(a.account_id), array_agg(a.org_id), array_agg(a.ledger_no) into a_id, a_org, a_ledger
      from khop.account a where a.account_id = any (e_account) and a.bucket = p_bucket;
    select array_agg(h.org_id), array_agg(h.open_day), array_agg(h.next_seq), array_agg(h.receipt_year), array_agg(h.next_receipt),
           array_agg(h.chain)
      into h_org, h_day, h_seq, h_year, h_no, h_chain
      from (select * from khop.org_head h where h.bucket = p_bucket and h.org_id = any (a_org) order by h.org_id for no key update) h;

    v_common := cardinality(c_event) = v_n and not (2::int2 = any (c_how) or 3::int2 = any (c_how));
    if v_common then
        select coalesce(bool_and(coalesce(x.common, false)) and count(distinct x.code) = v_n and count(distinct x.ext) = v_n, false) as common,
               array_agg(case when x.s_event is not null then null when x.of_payer and x.paid + x.amt is distinct from x.due then 10
                              when x.due is null then 1 when x.paid >= x.due then 4 when x.paid + x.amt = x.due then 1
                              when x.paid + x.amt < x.due then 2 else 3 end::int2) as st,
               c_how as how, c_code as code, array_agg(x.charge_id) as charge, array_agg(x.last_seq) as previous, null::int4[] as previous_o,
               array_agg(x.o) as first_o, null::bool[] as conflict, null::bool[] as clash, array_agg(case when x.s_event is null then x.o end) as at,
               array_agg(x.s_event) as s_event, array_agg(x.s_outcome) as s_outcome, array_agg(x.s_seq) as s_seq, array_agg(x.s_year) as s_year,
               array_agg(x.s_no) as s_no, array_agg(x.charge_id) as s_charge
          into d
          from (select e.o::int4 as o, e.amt, e.code, e.ext collate "C" as ext, c.charge_id, c.due, c.paid + c.adjusted as paid, c.last_seq,
                       c.of_payer and c.direction = 1 as of_payer, s.event_id as s_event, s.outcome as s_outcome,
                       s.seq as s_seq, s.receipt_year as s_year, s.receipt_no as s_no,
                       e.ev = e.o and e.notice = e.o
                       and case when s.event_id is not null then s.body_hash = e.hash and s.code_no = e.code
                                else c.account_id = e.acc and c.direction = e.dir and not c.cancelled
                                     and coalesce(c.expires_at >= coalesce(e.paid_at, p_now), true) end as common
                  from unnest(e_notice, e_account, e_provider, e_ext, e_hash, e_direction, e_amount, e_paid_at, c_event, c_code)
                       with ordinality e (notice, acc, prov, ext, hash, dir, amt, paid_at, ev, code, o)
                  left join lateral (select c.* from khop.charge_due c where c.bucket = p_bucket and c.code_no = e.code limit 1) c on true
                  left join lateral (
                       select t.* from khop.transfer t
                        where t.bucket = p_bucket and t.account_id = e.acc and t.provider = e.prov and t.ext_id = e.ext limit 1) s on true
                offset 0) x;
        v_common := d.common;
    end if;
    if not v_common then
        select true as common, x.* into d
          from khop.settle_decide(p_bucket, p_now, a_id, a_org, e_notice, e_account, e_provider, e_ext, e_hash, e_direction, e_amount,
               e_paid_at, c_event, c_code, c_how) x;
    end if;

    return query
    with
    event as materialized (
        select e.*, e.o::int4 as ord, v_base + e.o - 1 as id, case when e.at <> e.o then v_base + e.at - 1 end as notice_id,
               coalesce(e.paid_at, p_now) as paid
          from unnest(e_notice, e_account, e_provider, e_ext, e_hash, e_direction, e_amount, e_paid_at, e_memo, e_reference, e_balance, e_rid,
                      d.st, d.how, d.code, d.charge, d.previous, d.previous_o, d.first_o, d.conflict, d.clash, d.at)
               with ordinality e (notice, acc, prov, ext, hash, dir, amt, paid_at, memo, ref, bal, rid,
                      st, how, code, charge_id, previous, previous_o, first_o, conflict, clash, at, o)),
    head as materialized ( -- the first number of this batch in the journal and in this year's book of receipts
        select h.org, h.open_day, h.seq, h.chain, greatest(h.year, v_year) as year, case when v_year > h.year then 1 else h.no end as no
          from unnest(h_org, h_day, h_seq, h_year, h_no, h_chain) h (org, open_day, seq, year, no, chain)),
    booked as materialized (
        select e.*, a.org, h.chain, h.no as head_no, h.year, greatest(h.open_day, least((e.paid at time zone interval '7 hours')::date, v_today)) as day,
               h.seq - 1 + row_number() over in_turn as seq,
               case when e.st <= 3 then h.no - 1 + count(*) filter (where e.st <= 3) over in_turn end as no,
               case when e.dir = 1 then a.ledger when e.st <= 3 then 3318 else 1388 end as debit,
               case when e.dir = 2 then a.ledger when e.st <= 3 then 131 else 3388 end as credit,
               case when e.st <= 3 then h.year end::int2 as r_year, case when e.st <= 3 then 1 else 2 end::int2 as kind
          from event e
          join unnest(a_id, a_org, a_ledger) a (id, org, ledger) on a.id = e.acc
          join head h on h.org = a.org
         where e.st is not null
        window in_turn as (partition by a.org order by e.o rows unbounded preceding)),
    sealed as materialized ( -- lines come in the order of seq
        select b.org, b.head_no, b.year, max(b.seq) as last_seq, max(b.no) as last_no,
               sha256(b.chain || sha256(convert_to(string_agg(b.line, E'\n'), 'UTF8'))) as chain
          from (select b.*, khop.journal_line(
                       p_bucket, b.org, b.seq, b.day, b.debit, b.credit, b.amt, b.kind, b.id, null, p_now, b.acc, b.prov, b.ext, b.notice_id,
                       b.dir, b.st, b.how, b.code, b.hash, b.paid, b.ref, b.bal, b.r_year, b.no::int4, case when b.st <= 3 then b.rid end,
                       case when b.st <= 3 then p_key_no end, null, null, null, null) as line
                  from booked b order by b.org, b.seq) b
         group by b.org, b.chain, b.head_no, b.year),
    w_notice as (
        insert into khop.notice (bucket, received_on, notice_id, account_id, connection_id, received_at, body, body_hash)
        select p_bucket, v_today, e.id, e.acc, n.connection, p_now, n.body, n.hash
          from event e join unnest(n_connection, n_body, n_hash) with ordinality n (connection, body, hash, o) on n.o = e.notice
         where e.at = e.o order by e.o),
    w_transfer as (
        insert into khop.transfer (bucket, booked_on, org_id, seq, event_id, amount, recorded_at, debit, credit, account_id, paid_at,
               balance_after, notice_id, code_no, receipt_no, receipt_year, kind, provider, direction, outcome, how, ext_id, reference, body_hash, chain)
        select p_bucket, b.day, b.org, b.seq, b.id, b.amt, p_now, b.debit, b.credit, b.acc, b.paid, b.bal, b.notice_id, b.code, b.no, b.r_year, b.kind,
               b.prov, b.dir, b.st, b.how, b.ext, b.ref, b.hash, s.chain
          from booked b left join sealed s on s.org = b.org and s.last_seq = b.seq),
    w_total as (
        insert into khop.day_total as t (bucket, org_id, day, debit, credit, n, amount)
        select p_bucket, b.org, b.day, b.debit, b.credit, count(*), sum(b.amt)::int8 from booked b group by b.org, b.day, b.debit, b.credit
        on conflict (bucket, org_id, day, debit, credit) do update set n = t.n + excluded.n, amount = t.amount + excluded.amount),
    w_due as (
        insert into khop.charge_due as c (bucket, code_no, charge_id, org_id, account_id, direction, paid, last_paid_at, last_seq, receipts)
        select p_bucket, b.code, min(b.charge_id), min(b.org), min(b.acc), min(b.dir), sum(b.amt)::int8, max(b.paid), max(b.seq), count(*)
          from booked b where b.st <= 3 group by b.code
        on conflict (bucket, code_no) do update
           set paid = c.paid + excluded.paid, last_paid_at = greatest(c.last_paid_at, excluded.last_paid_at), last_seq = excluded.last_seq,
               receipts = c.receipts + excluded.receipts),
    w_receipt as (
        insert into khop.receipt (bucket, code_no, org_id, seq, amount, previous, year, no, key_no, rid)
        select p_bucket, b.code, b.org, b.seq, b.amt, coalesce(p.seq, b.previous), b.year, b.no, p_key_no, b.rid
          from booked b left join booked p on p.ord = b.previous_o where b.st <= 3),
    w_exception as (
        insert into khop.exception (bucket, exception_id, org_id, account_id, provider, direction, reason, held, amount, charge_id,
               code_no, seq, ext_id, memo, notice_id, opened_at, pending)
        select p_bucket, b.id, b.org, b.acc, b.prov, b.dir, v_reason[b.st], case when b.st <= 3 then 0 else b.amt end, b.amt, b.charge_id,
               b.code, b.seq, b.ext, b.memo, coalesce(b.notice_id, b.id), p_now, b.code is not null and b.dir = 1 and b.st in (10, 11)
          from booked b where b.st > 1
        union all
        select p_bucket, e.id, a.org, e.acc, e.prov, e.dir, 'body_conflict', 0, e.amt, null, null, null, e.ext, e.memo, coalesce(e.notice_id, e.id), p_now, false
          from event e join unnest(a_id, a_org) a (id, org) on a.id = e.acc where e.clash),
    w_head as (
        insert into khop.org_head as h (bucket, org_id, open_day, next_seq, receipt_year, next_receipt, chain)
        select p_bucket, s.org, v_today, s.last_seq + 1, s.year, coalesce(s.last_no + 1, s.head_no), s.chain from sealed s
        on conflict (bucket, org_id) do update set next_seq = excluded.next_seq, receipt_year = excluded.receipt_year,
               next_receipt = excluded.next_receipt, chain = excluded.chain)

    select e.ord, coalesce(b.st, s.outcome), s.event is not null or e.ord > e.first_o, coalesce(e.conflict, false), coalesce(b.id, s.event),
           coalesce(b.seq, s.seq), coalesce(b.r_year, s.year)::int4, coalesce(b.no, s.no), coalesce(b.charge_id, s.charge)
      from event e
      left join booked b on b.ord = e.first_o
      left join unnest(d.s_event, d.s_outcome, d.s_seq, d.s_year, d.s_no, d.s_charge) with ordinality s (event, outcome, seq, year, no, charge, o) on s.o = e.ord
     order by e.ord;
end $f$;
alter function khop.settle_batch owner to khop_fn_settle;
revoke all on function khop.settle_batch from public;
grant execute on function khop.settle_batch to khop_serve, khop_jobs;
comment on function khop.settle_batch is 'Settles a batch of bank events of one bucket; idempotent by (account, provider, ext_id); one row per event in order';
