-- Says which lines of an account, of the days p_from to p_to, are which events (ledger.md §6.2): by reference, by balance, by code, by memo, last by count of
-- equal amounts. Each look takes what the ones before have left; equal ones are paired in the order of time. One line is one event and the other way round by
-- the keys of line_event, whoever runs this at the same time. Returns how many were linked.
-- The shift is the bank's day less the notice's; NULL: any within ten days, for what names one movement alone. Rule 6: a reference that is unique, with another
-- amount: the same movement, told wrongly. Rule 5: the same number of equal amounts on both sides, and only events that must stand in a file by now: one
-- that comes with the next file is not given another's line. An event that has been reversed is none any more: a line that comes after all is settled.
create or replace function khop.statement_pair(p_bucket int4, p_org_id int8, p_account int8, p_from date, p_to date, p_now timestamptz) returns int4
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set enable_nestloop = off
set enable_mergejoin = off
set jit = off
as $f$
#variable_conflict use_column
declare
    c_looks constant int4[] := array[[1, null], [2, null], [6, null], [3, 0], [3, 1], [3, -1], [3, 2], [3, 3], [4, 0], [4, 1], [4, -1], [5, 0], [5, 1], [5, -1]];
    v_since constant int8 := khop.journal_since(p_bucket, p_org_id, (p_from - 4)::timestamp at time zone interval '7 hours');
    v_until timestamptz;
    l record;
    e record;
    m_line int8[] := '{}';
    m_seq int8[] := '{}';
    v_line int8[];
    v_seq int8[];
begin
    select max(f.covered_until) into v_until from khop.statement_file f
     where f.bucket = p_bucket and f.account_id = p_account and f.covered_from <= p_to and f.covered_to >= p_from;
    select array_agg(x.line_no) as no, array_agg(x.bank_date) as day, array_agg(x.second) as second, array_agg(x.amount) as amount,
        array_agg(x.balance_after) as balance,
           array_agg(x.code_no) as code, array_agg(x.reference) as reference, array_agg(x.memo_key) as memo, array_agg(x.by_reference) as uniq
      into l
      from khop.statement_line x
      left join lateral (select 1 as one from khop.line_event y where y.bucket = p_bucket and y.account_id = p_account and y.line_no = x.line_no limit 1) y on true
     where x.bucket = p_bucket and x.account_id = p_account and x.bank_date between p_from and p_to and y.one is null;
    select array_agg(t.seq) as seq, array_agg((t.paid_at at time zone interval '7 hours')::date) as day, array_agg(t.paid_at) as at,
           array_agg(case t.direction when 1 then t.amount else - t.amount end) as amount, array_agg(t.balance_after) as balance, array_agg(t.code_no) as code,
           array_agg(t.reference) as reference, array_agg(khop.memo_key(x.memo)) as memo
      into e
      from khop.transfer t
      left join lateral (select 1 as one from khop.line_event y where y.bucket = p_bucket and y.org_id = p_org_id and y.seq = t.seq limit 1) y on true
      left join lateral (select 1 as one from khop.line_correction c where c.bucket = p_bucket and c.org_id = p_org_id and c.seq = t.seq limit 1) c on true
      left join lateral (select 1 as one from khop.transfer u where u.bucket = p_bucket and u.org_id = p_org_id and u.of_seq = t.seq and u.kind = 7 limit 1) u on true
      left join lateral (select x.memo from khop.exception x where x.bucket = p_bucket and x.exception_id = t.event_id limit 1) x on true
     where t.bucket = p_bucket and t.org_id = p_org_id and t.seq >= v_since and t.account_id = p_account and t.kind <= 2
       and y.one is null and u.one is null and c.one is null
       and (t.paid_at at time zone interval '7 hours')::date between p_from - 10 and p_to + 10;

    for v_i in 1 .. array_length(c_looks, 1) loop
        exit when coalesce(cardinality(m_line), 0) = coalesce(cardinality(l.no), 0) or coalesce(cardinality(m_seq), 0) = coalesce(cardinality(e.seq), 0);
        with
        line as (
            select x.no, x.day, x.second, case when c_looks[v_i][1] = 6 then sign(x.amount)::int8 else x.amount end as amount,
                   case c_looks[v_i][1] when 1 then x.reference when 2 then x.balance::text when 3 then x.code::text when 4 then x.memo when 5 then '='
                                        when 6 then case when x.uniq then x.reference end end as said,
                   x.day - c_looks[v_i][2] as at
              from unnest(l.no, l.day, l.second, l.amount, l.balance, l.code, l.reference, l.memo, l.uniq)
                   x (no, day, second, amount, balance, code, reference, memo, uniq)
             where x.no not in (select unnest(m_line))),
        event as (
            select x.seq, x.day, x.at, case when c_looks[v_i][1] = 6 then sign(x.amount)::int8 else x.amount end as amount,
                   case c_looks[v_i][1] when 1 then x.reference when 2 then x.balance::text when 3 then x.code::text when 4 then x.memo when 5 then '='
                                        when 6 then x.reference end as said,
                   case when c_looks[v_i][2] is not null then x.day end as same_day
              from unnest(e.seq, e.day, e.at, e.amount, e.balance, e.code, e.reference, e.memo) x (seq, day, at, amount, balance, code, reference, memo)
             where x.seq not in (select unnest(m_seq)) and (c_looks[v_i][1] <> 5 or x.at < v_until)),
        a as (select x.*, count(*) over same as n, row_number() over (same order by x.day, x.second, x.no) as k
                from line x where x.said <> '' window same as (partition by x.amount, x.said, x.at)),
        b as (select x.*, count(*) over same as n, row_number() over (same order by x.at, x.seq) as k
                from event x where x.said <> '' window same as (partition by x.amount, x.said, x.same_day)),
        pair as (
            select a.no, b.seq from a join b on b.amount = a.amount and b.said = a.said and b.k = a.k and b.same_day is not distinct from a.at
             where (a.at is not null or abs(a.day - b.day) <= 10) and (c_looks[v_i][1] <> 5 or a.n = b.n)),
        written as (
            insert into khop.line_event (bucket, account_id, line_no, org_id, seq, rule, linked_at)
            select p_bucket, p_account, p.no, p_org_id, p.seq, c_looks[v_i][1], p_now from pair p
            on conflict do nothing returning line_no, seq)
        select array_agg(w.line_no), array_agg(w.seq) into v_line, v_seq from written w;
        m_line := m_line || v_line;
        m_seq := m_seq || v_seq;
    end loop;
    return cardinality(m_line);
end $f$;
alter function khop.statement_pair owner to khop_fn_settle;
revoke all on function khop.statement_pair from public;
comment on function khop.statement_pair is 'Says which lines of an account are which events';
