-- What becomes of each event of a batch: settle_batch's general way, for batches in which anything may happen. One row
-- per event in order. The caller holds the heads of all organisations concerned.
--   st: the outcome of a new event, NULL for one that is known (its stored row is in s_…) or of no organisation
--   first_o: the first event of this batch with its key; conflict: another content than the key's first; clash: such a content
--   for the first time; at: the first new event or clash of its notice; previous, previous_o: the transfer of the charge's receipt before it, or the
--   event of this batch that gives that one
-- How it stays exact and fast:
-- * Two kinds of joins only: between its own rows (hash joins; nested loops are off, because an array is planned as 10 rows)
--   and into tables, by key, as LATERAL … LIMIT 1. So the plan is right from the first row of an empty database on.
-- * Running sums: only events that find an open charge of theirs count; such a sum passes `due` once and never comes back, so
--   "what was paid before" needs no loop. Events without an exact code are decided one after another (step), because
--   each may take a charge from the next.
create or replace function khop.settle_decide(
    p_bucket int4, p_now timestamptz, p_books khop.settle_book[],
    e_notice int4[], e_account int8[], e_provider int2[], e_ext text[], e_hash bytea[], e_direction int2[], e_amount int8[],
    e_paid_at timestamptz[], c_event int4[], c_code int4[], c_how int2[])
returns khop.settle_decision[]
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
    v_all khop.settle_decision[];
begin
    with recursive
    event as materialized ( -- every event given, with what is stored under its key
        select e.*, a.org, s.event_id as s_event, s.outcome as s_outcome, s.seq as s_seq, s.receipt_year as s_year, s.receipt_no as s_no,
               s.charge_id as s_charge, first_value(e.o) over same as first_o,
               e.hash <> coalesce(s.body_hash, first_value(e.hash) over same) as conflict
          from (select e.o::int4 as o, e.notice, e.acc, e.prov, e.ext collate "C" as ext, e.hash, e.dir, e.amt, coalesce(e.paid_at, p_now) as paid_at
                  from unnest(e_notice, e_account, e_provider, e_ext, e_hash, e_direction, e_amount, e_paid_at)
                       with ordinality e (notice, acc, prov, ext, hash, dir, amt, paid_at, o)) e
          left join unnest(p_books) a on a.acc = e.acc
          left join lateral (
               select t.*, d.charge_id from khop.transfer t
                 left join lateral (select d.charge_id from khop.charge_due d where d.bucket = p_bucket and d.code_no = t.code_no limit 1) d on true
                where t.bucket = p_bucket and t.account_id = e.acc and t.provider = e.prov and t.ext_id = e.ext limit 1) s on true
        window same as (partition by e.acc, e.prov, e.ext order by e.o)),
    fresh as (select * from event where o = first_o and s_event is null and org is not null),

    named as materialized ( -- codes in the memo; live ones of this bucket with their charge
        select c.ev, c.code, c.how, d.ctid as place, d.charge_id, d.due, d.paid + d.adjusted as paid, d.of_payer and d.direction = 1 as of_payer,
               d.direction, d.cancelled, d.expires_at, d.last_seq,
               d.account_id = e_account[c.ev] as own,
               count(*) filter (where c.how = 1 and d.account_id = e_account[c.ev]) over memo as own_exact,
               count(*) filter (where c.how = 1 and d.account_id <> e_account[c.ev]) over memo as other_exact
          from (select c.ev, c.code, min(c.how) as how from unnest(c_event, c_code, c_how) c (ev, code, how) group by c.ev, c.code) c
          left join lateral (select d.ctid, d.* from khop.charge_due d where d.bucket = p_bucket and d.code_no = c.code limit 1) d on true
        window memo as (partition by c.ev)),
    said as (select ev, max(own_exact) as own_exact, max(other_exact) as other_exact from named group by ev),
    touch as materialized ( -- charges that an event may pay, with what exact codes before it in this batch have paid
        select t.*, t.open and (not t.of_payer or t.paid + t.amt = t.due) as pays,
               sum(t.amt) filter (where t.how = 1 and t.open and (not t.of_payer or t.paid + t.amt = t.due))
               over (partition by t.code order by t.ev rows between unbounded preceding and 1 preceding) as exact_before
          from (select n.ev, n.code, n.how, n.place, n.charge_id, n.due, n.paid, n.of_payer, n.direction, n.cancelled, n.expires_at, n.last_seq, f.amt,
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
        select t.*, coalesce(sum(t.amt) filter (where t.pays)
               over (partition by t.code order by t.ev rows between unbounded preceding and 1 preceding), 0)::int8 as before
          from touch t left join step s on s.ev = t.ev
         where t.how = 1 or s.code = t.code),
    decided as (
        select f.o, p.code, p.how, p.place, p.charge_id, p.last_seq,
               (case when p.code is not null then
                    case when p.direction <> f.dir then 11
                         when p.cancelled then 6
                         when not p.open then 7
                         when p.of_payer and p.paid + p.before + f.amt is distinct from p.due then 10
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
    given as ( -- the receipts of a charge follow one another
        select d.*, lag(d.o) over (partition by d.code, d.st <= 3 order by d.o) as previous_o
          from decided d),

    clash as ( -- a known key with another content: once per content
        select distinct on (c.acc, c.prov, c.key) c.* from (
               select e.*, sha256(convert_to(e.ext, 'UTF8') || e.hash) as key from event e where e.conflict and e.org is not null) c
         order by c.acc, c.prov, c.key, c.o),
    w_key as (
        insert into khop.notice_key as k (bucket, account_id, provider, purpose, key, org_id)
        select p_bucket, c.acc, c.prov, 3, c.key, c.org from clash c
        on conflict do nothing returning k.account_id, k.provider, k.key),
    clashed as (
        select c.o from clash c join w_key k on k.account_id = c.acc and k.provider = c.prov and k.key = c.key),
    whole as (
        select e.*, g.st, g.how, g.code, g.place, g.charge_id, g.last_seq, g.previous_o, c.o is not null as clash,
               min(case when g.o is not null or c.o is not null then e.o end) over (partition by e.notice) as at
          from event e left join given g on g.o = e.o left join clashed c on c.o = e.o)
    select array_agg(row(w.st, w.how, w.code, w.charge_id, w.last_seq, w.previous_o, w.first_o, w.conflict, w.clash, w.at, w.s_event, w.s_outcome,
                         w.s_seq, w.s_year, w.s_no, w.s_charge, w.place)::khop.settle_decision)
      into v_all
      from (select x.* from whole x order by x.o) w;
    return v_all;
end $f$;
alter function khop.settle_decide owner to khop_fn_settle;
revoke all on function khop.settle_decide from public;
comment on function khop.settle_decide is 'What becomes of each event of a batch, in the general case';
