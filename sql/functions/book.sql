-- One decision about money that is already in the books, with the rows of the journal that carry it out (migration 0011 lists the kinds). The
-- only writer of rows of kind 3 and above; bank events are settle_batch's. Takes the locks of book_lock; a caller whose decision rests on what it
-- read takes them before it reads.
--   row: r_kind; r_from (kinds 4 and 6: 3388, 131 or 3387); r_amount; r_of_seq (the bank event in suspense; kind 7: the row that is reversed,
--   whose other columns it takes); r_code (kinds 3, 5, 8, and where 131 is debited); r_payer (where 3387 is touched); r_to_code (kind 6); r_rid (kind 3);
--   r_other (kind 8: the payment that the bank took back, whose receipt becomes void; kind 10: the other event in suspense, which this one gives back)
-- All or nothing: either everything is right and written, or rc says why not and nothing is.
-- rc 0; -4 a row, charge or payer that is not of this organisation; -5 the books do not allow it: more than a charge needs, than an
-- exception holds, than a payer's credit, a charge that is cancelled, something reversed twice; -8 no receipt key is registered.
-- Rows stand on the open day that is today or the last one before; those of a correction on the day of what they reverse, while that is open.
-- Without rows only the decision is stored. An exception is resolved when it holds nothing any more and open again when it does; a decision
-- about it (p_exception_id) may propose, refuse, dismiss, or say that the rest of a short payment has come.
create or replace function khop.book(
    p_bucket int4, p_org_id int8, p_now timestamptz, p_exception_id int8, p_action text, p_rule text, p_rule_version int2, p_previous int8,
    p_actor int8, p_requested_by int8, p_reason text, p_evidence jsonb,
    r_kind int2[], r_from int4[], r_amount int8[], r_of_seq int8[], r_code int4[], r_payer int8[], r_to_code int4[], r_rid bytea[],
    r_other int8[] default null, out rc int2, out match_id int8, out first_seq int8, out last_seq int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set join_collapse_limit = 1
as $f$
#variable_conflict use_column
declare
    v_today constant date := (p_now at time zone interval '7 hours')::date;
    v_n constant int4 := coalesce(cardinality(r_kind), 0);
    v_id int8;
    v_key_no int2;
    h khop.org_head;
    d record;
    x record;
begin
    perform khop.book_lock(p_bucket, p_org_id);
    select * into h from khop.org_head x where x.bucket = p_bucket and x.org_id = p_org_id;
    select k.key_no into v_key_no from khop.receipt_key k where k.revoked_at is null order by k.valid_from desc, k.key_no desc limit 1;

    -- What each row says. y is the row it acts on, z the bank event behind that; a row that cannot be has no accounts.
    select array_agg(x.debit order by x.o) as debit, array_agg(x.credit order by x.o) as credit, array_agg(x.code order by x.o) as code,
           array_agg(x.payer order by x.o) as payer, array_agg(x.to_code order by x.o) as to_code, array_agg(x.event_id order by x.o) as event,
           array_agg(x.other_event order by x.o) as other_event, array_agg(x.paid_at order by x.o) as paid_at,
           array_agg(x.reference order by x.o) as reference, array_agg(x.void_year order by x.o) as void_year,
           array_agg(x.void_no order by x.o) as void_no, array_agg(x.day order by x.o) as day,
           coalesce(bool_or(x.missing), false) as missing, coalesce(bool_or(x.wrong), false) as wrong,
           coalesce(bool_or(x.kind = 3), false) as receipts
      into d
      from (select r.o, r.kind, a.debit, a.credit, case when r.kind <> 7 then r.code when y.kind <> 2 then y.code_no end as code,
                   case when r.kind = 7 then w.payer_id else r.payer end as payer, case when r.kind = 7 then w.to_code else r.to_code end as to_code,
                   case when 3388 in (a.debit, a.credit) or 1388 in (a.debit, a.credit) then z.event_id end as event_id,
                   case when 10 in (r.kind, y.kind) then o.event_id end as other_event,
                   case when r.kind = 3 then y.paid_at end as paid_at, case when r.kind = 3 then y.reference end as reference,
                   case when r.kind = 7 then y.receipt_year else o.receipt_year end as void_year,
                   case when r.kind = 7 then y.receipt_no else o.receipt_no end as void_no, case when p_action = 'correct' then y.booked_on end as day,
                   r.of_seq is not null and y.seq is null or r.kind <> 7 and r.payer is not null and not exists (
                       select from khop.payer p where p.bucket = p_bucket and p.payer_id = r.payer and p.org_id = p_org_id) as missing,
                   coalesce(a.debit = a.credit or r.amount <= 0, true)
                       or r.kind = 7 and (y.amount <> r.amount or w.other_seq is not null and y.kind <> 10 or exists (
                           select from khop.transfer u where u.bucket = p_bucket and u.org_id = p_org_id and u.of_seq = y.seq and u.kind = 7))
                       or r.kind = 3 and r.rid is null
                       or r.kind = 10 and (o.kind = 2 and o.direction <> y.direction and o.amount = r.amount and y.amount = r.amount) is distinct from true
                       or r.other is not null and r.kind <> 10 and (r.kind <> 8 or y.direction <> 2 or o.receipt_no is null or o.code_no <> r.code or o.amount <> r.amount
                           or exists (select from khop.transfer u where u.bucket = p_bucket and u.org_id = p_org_id and u.of_seq = o.seq and u.kind = 7)
                           or exists (select from khop.act u where u.bucket = p_bucket and u.org_id = p_org_id and u.other_seq = o.seq))
                       or r.kind <> 7 and ((r.code is null) = (131 in (a.debit, a.credit) or r.kind in (3, 8)) or (r.payer is null) = (3387 in (a.debit, a.credit))
                                           or (r.to_code is null) = (r.kind = 6)) as wrong
              from unnest(r_kind, r_from, r_amount, r_of_seq, r_code, r_payer, r_to_code, r_rid, r_other)
                   with ordinality r (kind, origin, amount, of_seq, code, payer, to_code, rid, other, o)
              left join lateral (select t.* from khop.transfer t where t.bucket = p_bucket and t.org_id = p_org_id and t.seq = r.of_seq limit 1) y on true
              left join lateral (select w.* from khop.act w where w.bucket = p_bucket and w.org_id = p_org_id and w.seq = r.of_seq limit 1) w on true
              left join lateral (
                   select t.* from khop.transfer t
                    where t.bucket = p_bucket and t.org_id = p_org_id and t.seq = case when r.kind = 7 and y.kind = 10 then w.other_seq else r.other end limit 1) o
                on true
              left join lateral (
                   select t.* from khop.transfer t
                    where t.bucket = p_bucket and t.org_id = p_org_id and t.seq = case when y.kind <= 2 then y.seq else y.of_seq end limit 1) z on true
              left join lateral (
                   select case when r.kind = 7 and y.kind <> 7 then y.credit
                               when r.kind = 10 and y.kind = 2 then 3388
                               when r.kind in (3, 8, 9) and y.kind = 2 then
                                   case y.direction when 1 then 3388 else (array[3318, null, null, null, null, 131, 811])[r.kind - 2] end
                               when r.kind = 5 then 3387
                               when r.kind = 4 and r.origin in (131, 3388) or r.kind = 6 and r.origin in (131, 3387, 3388) then
                                   case when r.origin <> 3388 or y.kind = 2 and y.direction = 1 then r.origin end end as debit,
                          case when r.kind = 7 and y.kind <> 7 then y.debit
                               when r.kind = 10 and y.kind = 2 then 1388
                               when r.kind in (3, 8, 9) and y.kind = 2 then
                                   case y.direction when 2 then 1388 else (array[131, null, null, null, null, 3318, 711])[r.kind - 2] end
                               when r.kind = 5 then 131
                               when r.kind = 4 then 3387
                               when r.kind = 6 then 3318 end as credit) a on true) x;

    -- What the counters would become: charges, payout codes of refunds, credits, exceptions.
    select case when h.org_id is null or d.missing then -4 when d.wrong then -5 when d.receipts and v_key_no is null then -8 else least(0,
           (select min(case when c.org_id is distinct from p_org_id then -4
                            when c.direction <> x.direction or c.paid + c.adjusted + x.change < 0 or c.cancelled and x.change > 0
                                 or x.pays and c.paid + c.adjusted + x.change > c.due then -5 end)
              from (select r.code, sum(khop.book_sign(r.debit, r.credit, 131, 3318) * r.amount)::int8 as change, bool_or(r.kind in (3, 5)) as pays,
                           case when bool_or(131 in (r.debit, r.credit)) then 1 else 2 end as direction
                      from unnest(d.code, d.debit, d.credit, r_amount, r_kind) r (code, debit, credit, amount, kind) where r.code is not null group by r.code) x
              left join lateral (select c.* from khop.charge_due c where c.bucket = p_bucket and c.code_no = x.code limit 1) c on true),
           (select min(case when c.org_id is distinct from p_org_id or c.direction <> 2 then -4 end)
              from unnest(d.to_code) r (code)
              left join lateral (select c.* from khop.charge_due c where c.bucket = p_bucket and c.code_no = r.code limit 1) c on true
             where r.code is not null),
           (select min(case when coalesce(c.amount, 0) + x.change < 0 then -5 end)
              from (select r.payer, sum(khop.book_sign(r.debit, r.credit, 3387, null) * r.amount)::int8 as change
                      from unnest(d.payer, d.debit, d.credit, r_amount) r (payer, debit, credit, amount) where r.payer is not null group by r.payer) x
              left join lateral (select c.* from khop.credit c where c.bucket = p_bucket and c.payer_id = x.payer limit 1) c on true),
           (select min(case when coalesce(e.held + x.change not between 0 and e.amount, true) then -5 end)
              from (select r.event, sum(khop.book_sign(r.debit, r.credit, 3388, 1388) * r.amount)::int8 as change
                      from unnest(d.event || d.other_event, d.debit || d.debit, d.credit || d.credit, r_amount || r_amount) r (event, debit, credit, amount)
              where r.event is not null group by r.event) x
              left join lateral (select e.* from khop.exception e where e.bucket = p_bucket and e.exception_id = x.event limit 1) e on true)) end
      into rc;
    if rc <> 0 then
        return;
    end if;

    update khop.bucket_head b set next_id = b.next_id + v_n + 1 where b.bucket = p_bucket returning b.next_id - v_n - 1 into v_id;
    match_id := v_id;
    if v_n > 0 then
        first_seq := h.next_seq;
        last_seq := h.next_seq + v_n - 1;
    end if;
    insert into khop.match (bucket, match_id, org_id, exception_id, action, rule, rule_version, previous, made_at, actor, requested_by, reason, evidence,
           first_seq, last_seq)
    values (p_bucket, match_id, p_org_id, p_exception_id, p_action, p_rule, p_rule_version, p_previous, p_now, p_actor, p_requested_by, p_reason, p_evidence,
           first_seq, last_seq);

    if v_n > 0 then
    with
    head as (
        select greatest(h.open_day, v_today) as day, greatest(h.receipt_year, extract(year from v_today)::int4) as year,
               case when extract(year from v_today)::int4 > h.receipt_year then 1 else h.next_receipt end as no),
    entry as materialized (
        select r.*, case when r.own_day is null then a.day else greatest(h.open_day, r.own_day) end as day, v_id + r.o as id, h.next_seq + r.o - 1 as seq,
               case when r.kind = 3 then a.year end::int2 as r_year,
               case when r.kind = 3 then a.no - 1 + count(*) filter (where r.kind = 3) over (order by r.o rows unbounded preceding) end::int4 as no,
               case when r.kind = 3 then lag(h.next_seq + r.o - 1) over (partition by r.code, r.kind = 3 order by r.o) end as previous
          from unnest(r_kind, r_amount, r_of_seq, r_rid, r_other, d.debit, d.credit, d.code, d.payer, d.to_code, d.event, d.paid_at, d.reference,
                      d.void_year, d.void_no, d.day)
               with ordinality r (kind, amount, of_seq, rid, other, debit, credit, code, payer, to_code, event, paid_at, reference, void_year, void_no,
                                   own_day, o), head a),
    sealed as materialized (
        select sha256(h.chain || sha256(convert_to(string_agg(khop.journal_line(
                   p_bucket, p_org_id, r.seq, r.day, r.debit, r.credit, r.amount, r.kind, r.id, r.of_seq, p_now, null, null, null, null, null, null, null,
                   r.code, null, r.paid_at, r.reference, null, r.r_year, r.no, case when r.kind = 3 then r.rid end, case when r.kind = 3 then v_key_no end,
                   r.payer, r.to_code, p_actor, v_id, r.other), E'\n' order by r.seq), 'UTF8'))) as chain
          from entry r),
    w_transfer as (
        insert into khop.transfer (bucket, booked_on, org_id, seq, event_id, amount, recorded_at, debit, credit, paid_at, of_seq, previous, code_no,
               receipt_no, receipt_year, kind, key_no, reference, rid, chain)
        select p_bucket, r.day, p_org_id, r.seq, r.id, r.amount, p_now, r.debit, r.credit, r.paid_at, r.of_seq, coalesce(r.previous, c.last_seq), r.code,
               r.no, r.r_year, r.kind, case when r.kind = 3 then v_key_no end, r.reference, case when r.kind = 3 then r.rid end,
               case when r.o = v_n then s.chain end
          from entry r
         cross join sealed s
          left join lateral (
               select c.last_seq from khop.charge_due c where r.kind = 3 and c.bucket = p_bucket and c.code_no = r.code limit 1) c on true),
    w_act as (
        insert into khop.act (bucket, org_id, seq, match_id, actor, payer_id, to_code, other_seq)
        select p_bucket, p_org_id, r.seq, v_id, p_actor, r.payer, r.to_code, r.other from entry r),
    w_total as (
        insert into khop.day_total as t (bucket, org_id, day, debit, credit, n, amount)
        select p_bucket, p_org_id, r.day, r.debit, r.credit, count(*), sum(r.amount)::int8 from entry r group by r.day, r.debit, r.credit
        on conflict (bucket, org_id, day, debit, credit) do update set n = t.n + excluded.n, amount = t.amount + excluded.amount),
    w_void as (
        insert into khop.receipt_void (bucket, org_id, year, no, reason, voided_at)
        select p_bucket, p_org_id, r.void_year, r.void_no, coalesce(p_reason, p_action), p_now from entry r where r.void_no is not null),
    w_due as ( -- by ON CONFLICT, which goes by key whatever the planner believes
        insert into khop.charge_due as c (bucket, code_no, charge_id, org_id, account_id, direction, paid, adjusted, last_paid_at, last_seq, receipts)
        select p_bucket, x.code, c.charge_id, c.org_id, c.account_id, c.direction, x.paid, x.adjusted, x.paid_at, x.last_seq, x.receipts
          from (select r.code, coalesce(sum(r.amount) filter (where r.kind = 3), 0)::int8 as paid,
                       coalesce(sum(khop.book_sign(r.debit, r.credit, 131, 3318) * r.amount) filter (where r.kind <> 3), 0)::int8 as adjusted,
                       max(r.paid_at) as paid_at, max(r.seq) filter (where r.kind = 3) as last_seq, count(*) filter (where r.kind = 3) as receipts
                  from entry r where r.code is not null group by r.code) x
          join lateral (select c.* from khop.charge_due c where c.bucket = p_bucket and c.code_no = x.code limit 1) c on true
        on conflict (bucket, code_no) do update
           set paid = c.paid + excluded.paid, adjusted = c.adjusted + excluded.adjusted, last_paid_at = greatest(c.last_paid_at, excluded.last_paid_at),
               last_seq = coalesce(excluded.last_seq, c.last_seq), receipts = c.receipts + excluded.receipts)
    update khop.org_head u
       set next_seq = last_seq + 1, receipt_year = a.year, next_receipt = coalesce((select max(r.no) + 1 from entry r), a.no), chain = s.chain
      from sealed s, head a
     where u.bucket = p_bucket and u.org_id = p_org_id;

    for x in select r.payer, sum(khop.book_sign(r.debit, r.credit, 3387, null) * r.amount)::int8 as change
               from unnest(d.payer, d.debit, d.credit, r_amount) r (payer, debit, credit, amount) where r.payer is not null group by r.payer loop
        insert into khop.credit (bucket, payer_id, org_id, amount) values (p_bucket, x.payer, p_org_id, 0) on conflict do nothing;
        update khop.credit c set amount = c.amount + x.change where c.bucket = p_bucket and c.payer_id = x.payer;
    end loop;
    for x in select r.event, sum(khop.book_sign(r.debit, r.credit, 3388, 1388) * r.amount)::int8 as change
               from unnest(d.event || d.other_event, d.debit || d.debit, d.credit || d.credit, r_amount || r_amount) r (event, debit, credit, amount)
              where r.event is not null group by r.event loop
        update khop.exception e
           set held = e.held + x.change, pending = false,
               state = case when e.held + x.change > 0 then case e.state when 'proposed' then e.state else 'open' end
                            when x.change < 0 then 'resolved' else e.state end
         where e.bucket = p_bucket and e.exception_id = x.event;
    end loop;
    -- What had closed itself because the rest had come asks again when the rest is gone.
    for x in select e.exception_id
               from (select distinct r.code from unnest(r_kind, d.code) r (kind, code) where r.kind in (7, 8)) r
               join lateral (select c.* from khop.charge_due c where c.bucket = p_bucket and c.code_no = r.code limit 1) c on c.paid + c.adjusted < c.due
               join lateral (
                    select e.* from khop.exception e
                     where e.bucket = p_bucket and e.code_no = r.code and e.state = 'self_resolved' and e.reason in ('short', 'tiny_amount') offset 0) e
                 on not khop.event_reversed(p_bucket, p_org_id, e.seq) loop
        perform khop.book(p_bucket, p_org_id, p_now, x.exception_id, 'undo', 'rest_paid', 1::int2, null, null, null, null, jsonb_build_object('seq', first_seq),
            null, null, null, null, null, null, null, null);
    end loop;
    end if;
    -- What the decision says of its exception: proposed, refused, dismissed, open again; one that holds nothing is resolved by whatever is done about it.
    update khop.exception e
       set pending = false, proposal = case p_action when 'propose' then v_id when 'none' then e.proposal end,
           state = case when p_action = 'propose' then 'proposed'
                        when p_action in ('refuse', 'undo', 'reverse') then case e.reason when 'refund_requested' then 'dismissed' else 'open' end
                        when p_action = 'dismiss' then 'dismissed' when p_action = 'rest_paid' then 'self_resolved'
                        when p_action = 'none' then e.state when e.held = 0 then 'resolved' else 'open' end
     where e.bucket = p_bucket and e.exception_id = p_exception_id;
end $f$;
alter function khop.book owner to khop_fn_settle;
revoke all on function khop.book from public;
grant execute on function khop.book to khop_fn_org, khop_owner;
comment on function khop.book is 'Writes one decision about money that is booked, with its rows of the journal';
