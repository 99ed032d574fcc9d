-- One batch of bank events of one bucket, in one statement (ledger.md §4): raw notices, events with their outcome, journal,
-- balances, charges, receipts, allocations, exceptions, outbox and the hash chain; one row per event in the order given.
--
-- How it stays exact and fast:
-- * org_head is locked first, in order: it alone orders the writers of an organisation. What the main statement then
--   reads is what earlier lock holders committed.
-- * The organisation comes from the receiving account. An event whose account is not of this bucket gets outcome NULL and is not stored.
-- * The main statement knows two kinds of joins only: between its own rows (hash joins; nested loops are off, because an
--   array is planned as 10 rows) and into tables, by key, as LATERAL … LIMIT 1. Counters are written by ON CONFLICT, which
--   goes by key whatever the planner believes. So the plan is right from the first row of an empty database on.
-- * Running sums: only events that find an open charge of theirs count; such a sum passes `due` once and never comes back, so
--   "what was paid before" needs no loop. Events without an exact code are decided one after another (step), because
--   each may take a charge from the next.
create or replace function khop.settle_batch(
    p_bucket int4, p_now timestamptz, p_key_no int2,
    n_id int8[], n_connection int8[], n_body bytea[], n_hash bytea[],
    e_id int8[], e_notice int4[], e_account int8[], e_provider int2[], e_ext text[], e_hash bytea[], e_direction int2[],
    e_amount int8[], e_paid_at timestamptz[], e_memo text[], e_reference text[], e_balance int8[], e_rid bytea[],
    c_event int4[], c_code int4[], c_how int2[])
returns table (ord int4, outcome int2, repeated bool, conflict bool, event_id int8, seq int8, receipt_year int4, receipt_no int8,
    charge_id int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set enable_nestloop = off
set jit = off
set plan_cache_mode = force_generic_plan
as $f$
#variable_conflict use_column
declare
    v_today constant date := (p_now at time zone interval '7 hours')::date;
    v_year constant int4 := extract(year from v_today)::int4;
    v_reason constant text[] := array[null, 'short', 'over', 'already_paid', 'unknown_code', 'cancelled_charge', 'expired', 'no_code',
        'wrong_account', 'several_charges', 'out_of_direction', 'ambiguous_code'];
    a_id int8[]; a_org int8[]; a_ledger int4[];
    h_org int8[]; h_day date[]; h_seq int8[]; h_year int4[]; h_no int8[]; h_chain bytea[];
begin
    perform khop.partitions_ensure(v_today);

    select array_agg(a.account_id), array_agg(a.org_id), array_agg(a.ledger_no) into a_id, a_org, a_ledger
      from khop.account a where a.account_id = any (e_account) and a.bucket = p_bucket;
    select array_agg(h.org_id), array_agg(h.open_day), array_agg(h.next_seq), array_agg(h.receipt_year), array_agg(h.next_receipt),
           array_agg(h.chain)
      into h_org, h_day, h_seq, h_year, h_no, h_chain
      from (select * from khop.org_head h where h.bucket = p_bucket and h.org_id = any (a_org) order by h.org_id for no key update) h;

    return query
    with recursive
    head as materialized ( -- the first number of this batch in the journal and in this year's book of receipts
        select h.org, h.open_day, h.seq, h.chain, greatest(h.year, v_year) as year, case when v_year > h.year then 1 else h.no end as no
          from unnest(h_org, h_day, h_seq, h_year, h_no, h_chain) h (org, open_day, seq, year, no, chain)),
    event as materialized ( -- every event given, with what is stored under its key
        select e.*, a.org, a.ledger, s.event_id as s_event, s.outcome as s_outcome, s.body_hash as s_hash, s.seq as s_seq,
               s.receipt_year as s_year, s.receipt_no as s_no, s.charge_id as s_charge,
               first_value(e.o) over same as first_o, coalesce(s.body_hash, first_value(e.hash) over same) as first_hash
          from (select e.o::int4 as o, e.id, e.notice, e.acc, e.prov, e.ext collate "C" as ext, e.hash, e.dir, e.amt,
                       coalesce(e.paid_at, p_now) as paid_at, e.memo, e.ref, e.bal, e.rid
                  from unnest(e_id, e_notice, e_account, e_provider, e_ext, e_hash, e_direction, e_amount, e_paid_at, e_memo,
                              e_reference, e_balance, e_rid)
                       with ordinality e (id, notice, acc, prov, ext, hash, dir, amt, paid_at, memo, ref, bal, rid, o)) e
          left join unnest(a_id, a_org, a_ledger) a (id, org, ledger) on a.id = e.acc
          left join lateral (
               select b.* from khop.bank_event b
                where b.bucket = p_bucket and b.account_id = e.acc and b.provider = e.prov and b.ext_id = e.ext limit 1) s on true
        window same as (partition by e.acc, e.prov, e.ext order by e.o)),
    fresh as (select * from event where o = first_o and s_event is null and org is not null),

    named as materialized ( -- codes in the memo; live ones of this bucket with their charge
        select c.ev, c.code, c.how, d.charge_id, d.due, d.paid, d.direction, d.cancelled, d.expires_at,
               d.account_id = e_account[c.ev] as own,
               count(*) filter (where c.how = 1 and d.account_id = e_account[c.ev]) over memo as own_exact,
               count(*) filter (where c.how = 1 and d.account_id <> e_account[c.ev]) over memo as other_exact
          from (select c.ev, c.code, min(c.how) as how from unnest(c_event, c_code, c_how) c (ev, code, how) group by c.ev, c.code) c
          left join lateral (select d.* from khop.charge_due d where d.bucket = p_bucket and d.code_no = c.code limit 1) d on true
        window memo as (partition by c.ev)),
    said as (select ev, max(own_exact) as own_exact, max(other_exact) as other_exact from named group by ev),
    touch as materialized ( -- charges that an event may pay, with what exact codes before it in this batch have paid
        select t.*, sum(t.amt) filter (where t.how = 1 and t.open)
               over (partition by t.code order by t.ev rows between unbounded preceding and 1 preceding) as exact_before
          from (select n.ev, n.code, n.how, n.charge_id, n.due, n.paid, n.direction, n.cancelled, n.expires_at, f.amt,
                       n.direction = f.dir and not n.cancelled and coalesce(n.expires_at >= f.paid_at, true) as open
                  from named n join fresh f on f.o = n.ev
                 where n.own and case when n.how = 1 then n.own_exact = 1 else n.own_exact = 0 and n.other_exact = 0 end) t),
    turn as ( -- events without an exact code: the charges whose remaining due is the amount (a joined code also: open amount)
        select row_number() over (order by t.ev) as k, t.ev, array_agg(t.code) as codes, array_agg(t.code) filter (where t.due > 0) as fixed
          from touch t
         where t.how > 1 and t.open
           and case when t.due is null then t.how = 2 else t.due - t.paid - coalesce(t.exact_before, 0) = t.amt end
         group by t.ev),
    step (k, ev, n, code, taken) as (
        select 0::int8, 0, 0::int8, null::int4, '{}'::int4[]
        union all
        select t.k, t.ev, l.n, case when l.n = 1 then l.code end,
               case when l.n = 1 and l.code = any (t.fixed) then s.taken || l.code else s.taken end
          from step s join turn t on t.k = s.k + 1
         cross join lateral (select count(*) as n, min(c) as code from unnest(t.codes) c where c <> all (s.taken)) l),
    pick as ( -- the one charge of an event, with all that was paid on it before
        select t.*, coalesce(sum(t.amt) filter (where t.open)
               over (partition by t.code order by t.ev rows between unbounded preceding and 1 preceding), 0)::int8 as before
          from touch t left join step s on s.ev = t.ev
         where t.how = 1 or s.code = t.code),
    decided as (
        select f.*, p.code, p.how, p.charge_id, p.due, p.paid,
               (case when p.code is not null then
                    case when p.direction <> f.dir then 11
                         when p.cancelled then 6
                         when not p.open then 7
                         when p.due is null then 1
                         when p.paid + p.before >= p.due then 4
                         when p.paid + p.before + f.amt = p.due then 1
                         when p.paid + p.before + f.amt < p.due then 2
                         else 3 end
                when f.dir = 2 then 11
                when m.ev is null then 8
                when m.own_exact > 1 then 10
                when m.other_exact > 0 and m.own_exact = 0 then 9
                when s.n > 1 then 12
                else 5 end)::int2 as st
          from fresh f
          left join said m on m.ev = f.o
          left join step s on s.ev = f.o
          left join pick p on p.ev = f.o),
    booked as materialized (
        select d.*, h.year, h.chain, greatest(h.open_day, least((d.paid_at at time zone interval '7 hours')::date, v_today)) as day,
               h.seq - 1 + row_number() over (partition by d.org order by d.o) as seq,
               case when d.st <= 3 then h.no - 1 + count(*) filter (where d.st <= 3) over (partition by d.org order by d.o) end as no,
               case when d.dir = 1 then d.ledger when d.st <= 3 then 3318 else 1388 end as debit,
               case when d.dir = 2 then d.ledger when d.st <= 3 then 131 else 3388 end as credit,
               case when d.st <= 3 then h.year end as r_year, n_id[d.notice] as notice_id
          from decided d join head h on h.org = d.org),

    clash as ( -- a known key with another content: once per content
        select distinct on (c.acc, c.prov, c.key) c.* from (
               select e.*, sha256(convert_to(e.ext, 'UTF8') || e.hash) as key from event e
                where e.hash <> e.first_hash and e.org is not null) c
         order by c.acc, c.prov, c.key, c.o),
    w_key as (
        insert into khop.notice_key as k (bucket, account_id, provider, purpose, key, org_id)
        select p_bucket, c.acc, c.prov, 3, c.key, c.org from clash c
        on conflict do nothing returning k.account_id, k.provider, k.key),
    clashed as materialized (
        select c.* from clash c join w_key k on k.account_id = c.acc and k.provider = c.prov and k.key = c.key),
    w_notice as (
        insert into khop.notice (bucket, notice_id, received_on, org_id, account_id, connection_id, received_at, body, body_hash)
        select p_bucket, n.id, v_today, k.org, k.acc, n.connection, p_now, n.body, n.hash
          from unnest(n_id, n_connection, n_body, n_hash) with ordinality n (id, connection, body, hash, o)
          join (select distinct on (x.notice) x.notice, x.org, x.acc
                  from (select b.notice, b.o, b.org, b.acc from booked b union all select c.notice, c.o, c.org, c.acc from clashed c) x
                 order by x.notice, x.o) k on k.notice = n.o
         order by n.o),
    w_event as (
        insert into khop.bank_event (bucket, account_id, provider, direction, outcome, how, ext_id, org_id, event_id, notice_id, amount,
               charge_id, seq, receipt_no, receipt_year, code_no, paid_at, recorded_at, balance_after, reference, body_hash)
        select p_bucket, b.acc, b.prov, b.dir, b.st, b.how, b.ext, b.org, b.id, b.notice_id, b.amt,
               b.charge_id, b.seq, b.no, b.r_year, b.code, b.paid_at, p_now, b.bal, b.ref, b.hash
          from booked b order by b.o),
    w_transfer as (
        insert into khop.transfer (bucket, booked_on, org_id, seq, debit, credit, amount, event_id, charge_id, recorded_at, kind)
        select p_bucket, b.day, b.org, b.seq, b.debit, b.credit, b.amt, b.id, b.charge_id, p_now, case when b.st <= 3 then 1 else 2 end
          from booked b order by b.org, b.seq),
    w_balance as (
        insert into khop.balance as t (bucket, org_id, account, dr, cr)
        select p_bucket, x.org, x.account, sum(x.dr)::int8, sum(x.cr)::int8
          from (select org, debit as account, amt as dr, 0 as cr from booked union all select org, credit, 0, amt from booked) x
         group by x.org, x.account order by x.org, x.account
        on conflict (bucket, org_id, account) do update set dr = t.dr + excluded.dr, cr = t.cr + excluded.cr),
    w_due as (
        insert into khop.charge_due as d (bucket, code_no, charge_id, org_id, account_id, direction, paid, last_paid_at)
        select p_bucket, b.code, min(b.charge_id), min(b.org), min(b.acc), min(b.dir), sum(b.amt)::int8, max(b.paid_at)
          from booked b where b.st <= 3 group by b.code
        on conflict (bucket, code_no) do update
           set paid = d.paid + excluded.paid, last_paid_at = greatest(d.last_paid_at, excluded.last_paid_at)),
    w_receipt as (
        insert into khop.receipt (bucket, year, org_id, no, receipt_id, charge_id, amount, seq, paid_at, issued_at, code_no, key_no,
               reference, rid)
        select p_bucket, b.year, b.org, b.no, b.id, b.charge_id, b.amt, b.seq, b.paid_at, p_now, b.code, p_key_no, b.ref, b.rid
          from booked b where b.st <= 3 order by b.org, b.seq),
    w_allocation as (
        insert into khop.allocation (bucket, receipt_year, charge_id, seq, org_id, amount, receipt_no)
        select p_bucket, b.year, b.charge_id, b.seq, b.org, b.amt, b.no from booked b where b.st <= 3 order by b.o),
    w_outbox as (
        insert into khop.outbox (bucket, topic, org_id, seq, charge_id, amount, created_at)
        select p_bucket, 1, b.org, b.seq, b.charge_id, b.amt, p_now from booked b where b.st <= 3 order by b.org, b.seq),
    w_exception as (
        insert into khop.exception (bucket, exception_id, org_id, account_id, provider, direction, reason, held, amount, charge_id,
               code_no, seq, ext_id, memo, notice_id, opened_at)
        select p_bucket, b.id, b.org, b.acc, b.prov, b.dir, v_reason[b.st], case when b.st <= 3 then 0 else b.amt end, b.amt, b.charge_id,
               b.code, b.seq, b.ext, b.memo, b.notice_id, p_now
          from booked b where b.st > 1
        union all
        select p_bucket, c.id, c.org, c.acc, c.prov, c.dir, 'body_conflict', 0, c.amt, null, null, null, c.ext, c.memo, n_id[c.notice], p_now
          from clashed c),
    sealed as (
        select b.org, min(b.seq) as first_seq, max(b.seq) as last_seq, min(b.year) as year, max(b.no) as last_no, h.chain, h.no,
               sha256(convert_to(string_agg(khop.journal_line(
                   p_bucket, b.org, b.seq, b.day, b.debit, b.credit, b.amt, (case when b.st <= 3 then 1 else 2 end)::int2, b.id, b.charge_id,
                   null, p_now, b.acc, b.prov, b.ext, b.notice_id, b.dir, b.st, b.how, b.code, b.hash, b.paid_at, b.ref, b.bal,
                   b.r_year, b.no, case when b.st <= 3 then b.rid end, case when b.st <= 3 then p_now end,
                   case when b.st <= 3 then p_key_no end), E'\n' order by b.seq), 'UTF8')) as digest
          from booked b join head h on h.org = b.org group by b.org, h.chain, h.no),
    w_link as (
        insert into khop.journal_link (bucket, org_id, last_seq, first_seq, digest, chain)
        select p_bucket, s.org, s.last_seq, s.first_seq, s.digest, sha256(s.chain || s.digest) from sealed s),
    w_head as (
        insert into khop.org_head as h (bucket, org_id, open_day, next_seq, receipt_year, next_receipt, chain)
        select p_bucket, s.org, v_today, s.last_seq + 1, s.year, coalesce(s.last_no + 1, s.no), sha256(s.chain || s.digest) from sealed s
        on conflict (bucket, org_id) do update set next_seq = excluded.next_seq, receipt_year = excluded.receipt_year,
               next_receipt = excluded.next_receipt, chain = excluded.chain)

    select e.o, coalesce(b.st, e.s_outcome), e.s_event is not null or e.o > e.first_o, e.hash <> e.first_hash,
           coalesce(b.id, e.s_event), coalesce(b.seq, e.s_seq), coalesce(b.r_year, e.s_year), coalesce(b.no, e.s_no),
           coalesce(b.charge_id, e.s_charge)
      from event e left join booked b on b.o = e.first_o
     order by e.o;
end $f$;
alter function khop.settle_batch owner to khop_fn_settle;
revoke all on function khop.settle_batch from public;
grant execute on function khop.settle_batch to khop_serve, khop_jobs;
comment on function khop.settle_batch is 'Settles a batch of bank events of one bucket; idempotent by (account, provider, ext_id); one row per event in order';
