-- One batch of bank events of one bucket (ledger.md §4): raw notices, the journal with each event and its outcome, totals of the
-- day, charges, receipts, exceptions and the hash chain; one row per event in the order given.
--
-- * bucket_head gives the ids and orders batches of a bucket; org_head, locked in order, orders all writers of an organisation. What the
--   statements after it read is what earlier lock holders committed.
-- * The organisation comes from the receiving account. An event whose account is not of this bucket gets outcome NULL and is not stored.
-- * Decide, then write. Deciding has a short way for the common batch: every event names one charge of its own account by its exact code, no charge
--   and no id twice; it is new, or has been stored with the same content. Everything else is for settle_decide; on a common batch both
--   answer the same (tests/sql/model.py holds both against one model).
-- * Writing has a short way, too: in a plain batch every event is new and pays exactly what its charge still needs. So there is nothing in suspense,
--   each event gives a receipt, and most joins go; counters are moved where their rows were seen (by ctid), those of the day's first batch and of charges
--   that have moved meanwhile by settle_counters. A plain event that comes alone, as most do, is written by simple statements. All three ways write the same
--   rows (tests/sql/plain.sql).
-- * Joins: between own rows by hash (nested loops are off, because an array is planned as 10 rows), into tables by key, as LATERAL …
--   LIMIT 1, or by place (= any (array) of keys will not do: without statistics ten look-ups seem dearer than reading the bucket). So the plans are right
--   from the first row of an empty database on (tests/sql/plans.sql counts what is scanned). An array is read at a place, a[o]: as a column of
--   unnest each value is copied four times.
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
    v_common bool;
    v_plain bool; -- common, and each event is new and pays its charge exactly
    v_base int8; -- the first event's id, the next one's is one higher …
    v_books khop.settle_book[];
    v_decided khop.settle_decision[];
    v_healed bool;
    v_rows int4;
    m_ext text[];
    m_hash bytea[];
    d khop.settle_decision;
    b khop.settle_book;
    v_paid timestamptz;
    v_day date;
    v_debit int4;
    v_credit int4;
begin
    perform khop.partitions_ensure(v_today);
    insert into khop.bucket_head as b (bucket, next_id) values (p_bucket, (p_bucket::int8 << 48) + 1 + v_n)
    on conflict (bucket) do update set next_id = b.next_id + v_n
    returning b.next_id - v_n into v_base;
    select array_agg(row(h.org_id, h.open_day, h.next_seq, h.receipt_year, h.next_receipt, h.chain, a.account_id, a.ledger_no, h.place)::khop.settle_book),
           bool_or(h.healed)
      into v_books, v_healed
      from (select a.account_id, a.org_id, a.ledger_no from khop.account a where a.account_id = any (e_account) and a.bucket = p_bucket order by a.org_id) a
     cross join lateral (
           select h.org_id, h.open_day, h.next_seq, h.receipt_year, h.next_receipt, h.chain, h.healed, h.ctid as place from khop.org_head h
            where h.bucket = p_bucket and h.org_id = a.org_id limit 1 for no key update) h;

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
               array_agg(row(x.st, c_how[x.o], x.code, x.charge_id, x.last_seq, null, x.o, null, null, case when x.s_event is null then x.o end,
                             x.s_event, x.s_outcome, x.s_seq, x.s_year, x.s_no, x.charge_id, x.place)::khop.settle_decision)
          into v_common, v_plain, v_decided
          from (select e.o, e.code, e.ext collate "C" as ext, c.place, c.charge_id, c.last_seq, s.event_id as s_event,
                       s.outcome as s_outcome, s.seq as s_seq, s.receipt_year as s_year, s.receipt_no as s_no,
                       case when s.event_id is not null then null when c.of_payer and c.direction = 1 and c.paid + e.amt is distinct from c.due then 10
                            when c.due is null then 1 when c.paid >= c.due then 4 when c.paid + e.amt = c.due then 1
                            when c.paid + e.amt < c.due then 2 else 3 end::int2 as st,
                       c_event[e.o] = e.o and e_notice[e.o] = e.o
                       and case when s.event_id is not null then s.body_hash = e_hash[e.o] and s.code_no = e.code
                                else c.account_id = e.acc and c.direction = e_direction[e.o] and not c.cancelled
                                     and coalesce(c.expires_at >= coalesce(e_paid_at[e.o], p_now), true) end as common
                  from (select o, e_account[o] as acc, e_provider[o] as prov, e_ext[o] as ext, e_amount[o] as amt, c_code[o] as code
                          from generate_series(1, v_n) o offset 0) e
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
        v_decided := khop.settle_decide(p_bucket, p_now, v_books, e_notice, e_account, e_provider, e_ext, e_hash, e_direction, e_amount,
               e_paid_at, c_event, c_code, c_how);
    end if;

    if v_common and v_plain and v_n = 1 and cardinality(v_books) = 1 then -- alone: one statement after the other has a third less to set up
        d := v_decided[1];
        b := v_books[1];
        v_paid := coalesce(e_paid_at[1], p_now);
        v_day := greatest(b.open_day, least((v_paid at time zone interval '7 hours')::date, v_today));
        v_debit := case when e_direction[1] = 1 then b.ledger else 3318 end;
        v_credit := case when e_direction[1] = 2 then b.ledger else 131 end;
        b.no := case when v_year > b.year then 1 else b.no end;
        b.year := greatest(b.year, v_year);
        b.chain := sha256(b.chain || sha256(convert_to(khop.journal_line(
            p_bucket, b.org, b.seq, v_day, v_debit, v_credit, e_amount[1], 1::int2, v_base, null, p_now, b.acc, e_provider[1], e_ext[1], null, e_direction[1],
            1::int2, 1::int2, d.code, e_hash[1], v_paid, e_reference[1], e_balance[1], b.year::int2, b.no::int4, e_rid[1], p_key_no, null, null, null, null),
            'UTF8')));
        insert into khop.notice (bucket, received_on, notice_id, account_id, connection_id, received_at, body, body_hash)
        values (p_bucket, v_today, v_base, b.acc, n_connection[1], p_now, n_body[1], n_hash[1]);
        insert into khop.transfer (bucket, booked_on, org_id, seq, event_id, amount, recorded_at, debit, credit, account_id, paid_at,
               balance_after, previous, code_no, receipt_no, receipt_year, kind, provider, direction, outcome, how, key_no, ext_id, reference,
               body_hash, rid, chain)
        values (p_bucket, v_day, b.org, b.seq, v_base, e_amount[1], p_now, v_debit, v_credit, b.acc, v_paid, e_balance[1], d.previous, d.code, b.no, b.year, 1,
               e_provider[1], e_direction[1], 1, 1, p_key_no, e_ext[1], e_reference[1], e_hash[1], e_rid[1], b.chain);
        update khop.charge_due c
           set paid = c.paid + e_amount[1], last_paid_at = greatest(c.last_paid_at, v_paid), last_seq = b.seq, receipts = c.receipts + 1
         where c.bucket = p_bucket and c.code_no = d.code;
        update khop.day_total t set n = t.n + 1, amount = t.amount + e_amount[1]
         where t.bucket = p_bucket and t.org_id = b.org and t.day = v_day and t.debit = v_debit and t.credit = v_credit;
        if not found then
            insert into khop.day_total (bucket, org_id, day, debit, credit, n, amount) values (p_bucket, b.org, v_day, v_debit, v_credit, 1, e_amount[1]);
        end if;
        update khop.org_head h set next_seq = b.seq + 1, receipt_year = b.year, next_receipt = b.no + 1, chain = b.chain
         where h.bucket = p_bucket and h.org_id = b.org;
        return query select 1, 1::int2, false, false, v_base, b.seq, b.year, b.no, d.charge_id;
        return;
    end if;

    if v_common and v_plain then
        return query
        with
        entry as materialized ( -- in the order of their numbers; what else is known of an event stands at its place o
            select e.o, e.code, e.charge_id, e.previous, e.place, e.amt, e.paid, h.org, h.chain, h.head, h.year,
                   h.seq - 1 + row_number() over in_turn as seq, h.no - 1 + row_number() over in_turn as no,
                   greatest(h.open_day, least((e.paid at time zone interval '7 hours')::date, v_today)) as day,
                   case when e.dir = 1 then h.ledger else 3318 end as debit, case when e.dir = 2 then h.ledger else 131 end as credit
              from (select d.o::int4 as o, d.code, d.charge_id, d.previous, d.place, e_account[d.o] as acc, e_direction[d.o] as dir, e_amount[d.o] as amt,
                           coalesce(e_paid_at[d.o], p_now) as paid
                      from unnest(v_decided) with ordinality
                           d (st, how, code, charge_id, previous, previous_o, first_o, conflict, clash, at, s_event, s_outcome, s_seq, s_year, s_no, s_charge,
                              place, o) offset 0) e
              join (select h.acc, h.ledger, h.org, h.open_day, h.seq, h.chain, h.place as head, greatest(h.year, v_year) as year,
                           case when v_year > h.year then 1 else h.no end as no from unnest(v_books) h) h on h.acc = e.acc
            window in_turn as (partition by h.org order by e.o rows unbounded preceding)),
        sealed as materialized (
            select b.org, b.year, b.head, max(b.seq) as last_seq, max(b.no) as last_no,
                   sha256(b.chain || sha256(convert_to(string_agg(khop.journal_line(
                       p_bucket, b.org, b.seq, b.day, b.debit, b.credit, b.amt, 1::int2, v_base + b.o - 1, null, p_now, e_account[b.o], e_provider[b.o],
                       e_ext[b.o], null, e_direction[b.o], 1::int2, 1::int2, b.code, e_hash[b.o], b.paid, e_reference[b.o], e_balance[b.o], b.year::int2,
                       b.no::int4, e_rid[b.o], p_key_no, null, null, null, null), E'\n'), 'UTF8'))) as chain
              from entry b group by b.org, b.chain, b.year, b.head),
        total as materialized (
            select t.*, x.place
              from (select b.org, b.day, b.debit, b.credit, count(*) as n, sum(b.amt)::int8 as amount from entry b group by b.org, b.day, b.debit, b.credit) t
              left join lateral (
                   select x.ctid as place from khop.day_total x
                    where x.bucket = p_bucket and x.org_id = t.org and x.day = t.day and x.debit = t.debit and x.credit = t.credit limit 1) x on true),
        w_notice as (
            insert into khop.notice (bucket, received_on, notice_id, account_id, connection_id, received_at, body, body_hash)
            select p_bucket, v_today, v_base + o - 1, e_account[o], n_connection[o], p_now, n_body[o], n_hash[o] from generate_series(1, v_n) o),
        w_transfer as (
            insert into khop.transfer (bucket, booked_on, org_id, seq, event_id, amount, recorded_at, debit, credit, account_id, paid_at,
                   balance_after, previous, code_no, receipt_no, receipt_year, kind, provider, direction, outcome, how, key_no, ext_id, reference,
                   body_hash, rid, chain)
            select p_bucket, b.day, b.org, b.seq, v_base + b.o - 1, b.amt, p_now, b.debit, b.credit, e_account[b.o], b.paid, e_balance[b.o], b.previous,
                   b.code, b.no, b.year, 1, e_provider[b.o], e_direction[b.o], 1, 1, p_key_no, e_ext[b.o], e_reference[b.o], e_hash[b.o], e_rid[b.o], s.chain
              from entry b left join sealed s on s.org = b.org and s.last_seq = b.seq),
        w_due as (
            update khop.charge_due c
               set paid = c.paid + b.amt, last_paid_at = greatest(c.last_paid_at, b.paid), last_seq = b.seq, receipts = c.receipts + 1
              from entry b
             where c.ctid = any (array(select b.place from entry b)) and c.ctid = b.place
            returning b.o),
        w_total as (
            update khop.day_total t set n = t.n + b.n, amount = t.amount + b.amount
              from total b
             where t.ctid = any (array(select b.place from total b)) and t.ctid = b.place),
        w_head as (
            update khop.org_head h set next_seq = s.last_seq + 1, receipt_year = s.year, next_receipt = s.last_no + 1, chain = s.chain
              from sealed s
             where h.ctid = any (array(select s.head from sealed s)) and h.ctid = s.head
            returning 1),
        counters as materialized ( -- what was not there to be moved
            select case when (select count(*) from w_head) <> (select count(*) from sealed) or (select count(*) from w_due) <> v_n
                             or exists (select from total t where t.place is null) then
                   khop.settle_counters(p_bucket,
                       (select array_agg(row(b.code, b.amt, b.paid, b.seq, 1, b.place)::khop.settle_due) from entry b where b.o not in (select w.o from w_due w)),
                       (select array_agg(row(t.org, t.day, t.debit, t.credit, t.n, t.amount)::khop.settle_total) from total t where t.place is null),
                       (select array_agg(row(s.org, s.last_seq + 1, s.year, s.last_no + 1, s.chain)::khop.settle_head) from sealed s)) end)
        select b.o, 1::int2, false, false, v_base + b.o - 1, b.seq, b.year, b.no, b.charge_id
          from counters
         cross join entry b
         order by b.o;
        get diagnostics v_rows = row_count;
        if v_rows <> v_n then
            raise exception 'of % events % have an account', v_n, v_rows using errcode = 'internal_error';
        end if;
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
        select h.acc, h.ledger, h.org, h.open_day, h.seq, h.chain, greatest(h.year, v_year) as year, case when v_year > h.year then 1 else h.no end as no
          from unnest(v_books) h),
    booked as materialized (
        select e.*, h.org, h.chain, h.no as head_no, h.year, greatest(h.open_day, least((e.paid at time zone interval '7 hours')::date, v_today)) as day,
               h.seq - 1 + row_number() over in_turn as seq,
               case when e.st <= 3 then h.no - 1 + count(*) filter (where e.st <= 3) over in_turn end as no,
               case when e.dir = 1 then h.ledger when e.st <= 3 then 3318 else 1388 end as debit,
               case when e.dir = 2 then h.ledger when e.st <= 3 then 131 else 3388 end as credit,
               case when e.st <= 3 then h.year end::int2 as r_year, case when e.st <= 3 then 1 else 2 end::int2 as kind
          from event e
          join head h on h.acc = e.acc
         where e.st is not null
        window in_turn as (partition by h.org order by e.o rows unbounded preceding)
         order by h.org, e.o),
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
        select p_bucket, e.id, h.org, e.acc, e.prov, e.dir, 'body_conflict', 0, e.amt, null, null, null, e.ext, e.memo, coalesce(e.notice_id, e.id), p_now, false
          from event e join head h on h.acc = e.acc where e.clash),
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
