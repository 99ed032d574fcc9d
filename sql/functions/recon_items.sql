-- What moved on an account on a day by its three sources (ledger.md §6.1): a row for each line of the bank and for each event that is no line, with
-- its state. p_day is
-- the bank's day of a line, of an event alone the day on which it was paid. An event that was reversed stands alone as `corrected`: the bank does not have it, or
-- has another amount, and the books neither.
create or replace function khop.recon_items(p_bucket int4, p_org_id int8, p_account int8, p_day date)
returns table (state text, rank int4, at timestamptz, direction int2, amount int8, line_no int8, line_amount int8, balance_after int8, file_id int8, file_row int4,
    reference text, memo text, counter_name text, seq int8, event_id int8, event_amount int8, provider int2, outcome int2, code_no int4, rule int2,
        exception_id int8)
language sql stable security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set jit = off
as $f$
    with
    account as (select (a.created_at at time zone interval '7 hours')::date as since from khop.account a where a.account_id = p_account),
    line as (
        select l.*, coalesce(c.seq, e.seq) as seq, case when c.seq is null then e.rule else 9 end as rule
          from khop.statement_line l
          left join lateral (select e.seq, e.rule from khop.line_event e where e.bucket = p_bucket and e.account_id = p_account
              and e.line_no = l.line_no limit 1) e on true
          left join lateral (select c.seq from khop.line_correction c where e.rule = 6 and c.bucket = p_bucket and c.account_id = p_account
              and c.line_no = l.line_no limit 1) c on true
         where l.bucket = p_bucket and l.account_id = p_account and l.bank_date = p_day),
    alone as (
        select t.*, u.one is not null as reversed, exists (select 1 from khop.statement_file f
               where f.bucket = p_bucket and f.account_id = p_account and f.covered_from <= p_day
                               and t.paid_at + interval '2 hours' < f.covered_until) as covered
          from khop.transfer t
          left join lateral (select 1 as one from khop.line_event e where e.bucket = p_bucket and e.org_id = p_org_id and e.seq = t.seq limit 1) e on true
          left join lateral (select 1 as one from khop.transfer u where u.bucket = p_bucket and u.org_id = p_org_id and u.of_seq = t.seq
              and u.kind = 7 limit 1) u on true
          left join lateral (select 1 as one from khop.line_correction c where c.bucket = p_bucket and c.org_id = p_org_id and c.seq = t.seq limit 1) c on true
         where t.bucket = p_bucket and t.org_id = p_org_id and t.account_id = p_account and t.kind <= 2 and (e.one is null and c.one is null or u.one is not null)
           and t.seq >= khop.journal_since(p_bucket, p_org_id, (p_day - 1)::timestamp at time zone interval '7 hours')
           and (t.paid_at at time zone interval '7 hours')::date = p_day),
    item as (
        select case when t.seq is null then case when l.bank_date < a.since then 'history' else 'missed_notice' end
                    when l.rule = 6 then 'amount_conflict'
                    when l.reversal or b.one is not null then 'reversed'
                    when t.provider = 9 and h.one is null then 'matched_by_statement'
                    else 'matched' end as state,
               (l.bank_date + make_interval(secs => coalesce(l.second, 43200)))::timestamp at time zone interval '7 hours' as at,
               case when l.amount > 0 then 1 else 2 end::int2 as direction, abs(l.amount) as amount, l.line_no, l.amount as line_amount, l.balance_after,
                   l.file_id, l.file_row,
               l.reference, l.memo, l.counter_name, t.seq, t.event_id, t.amount as event_amount, t.provider, t.outcome, coalesce(t.code_no,
                   l.code_no) as code_no, l.rule
          from line l cross join account a
          left join lateral (select t.* from khop.transfer t where t.bucket = p_bucket and t.org_id = p_org_id and t.seq = l.seq limit 1) t on true
          left join lateral (select 1 as one from khop.healed_notice h where h.bucket = p_bucket and h.account_id = p_account
              and h.line_no = l.line_no limit 1) h on true
          left join lateral (select 1 as one from khop.transfer b where t.kind = 2 and t.direction = 2 and b.bucket = p_bucket and b.org_id = p_org_id
              and b.of_seq = t.seq and b.kind in (8, 10) limit 1) b on true
        union all
        select case when t.reversed then 'corrected' when t.provider > 9 and t.ext_id not like 'again %' then 'manual' when t.covered then 'not_on_statement'
            else 'awaiting_statement' end, t.paid_at, t.direction,
            t.amount, null, null,
               t.balance_after, null, null, t.reference, null, null, t.seq, t.event_id, t.amount, t.provider, t.outcome, t.code_no, null
          from alone t)
    select y.state, array_position(array['not_on_statement', 'duplicate_notice', 'amount_conflict', 'missed_notice', 'reversed', 'awaiting_statement',
               'matched_by_statement', 'manual', 'matched', 'corrected', 'history'], y.state),
           i.at, i.direction, i.amount, i.line_no, i.line_amount, i.balance_after, i.file_id, i.file_row, i.reference, i.memo, i.counter_name, i.seq,
           i.event_id, i.event_amount, i.provider, i.outcome, i.code_no, i.rule, coalesce(s.exception_id, x.exception_id)
      from item i
      left join lateral (
           select s.exception_id, s.reason from khop.statement_item s
            where s.bucket = p_bucket and s.account_id = p_account
              and s.reason = any (case i.state when 'amount_conflict' then '{3}' when 'not_on_statement' then '{2,4}' when 'corrected' then '{2,4}' end::int2[])
              and s.about = case i.state when 'amount_conflict' then i.line_no else i.seq end limit 1) s on true
     cross join lateral (select case when i.state = 'not_on_statement' and s.reason = 4 then 'duplicate_notice' else i.state end as state) y
      left join lateral (
           select x.exception_id from khop.exception x
            where i.outcome > 1 and x.bucket = p_bucket and x.exception_id = i.event_id and x.state in ('open', 'proposed') limit 1) x on true
$f$;
alter function khop.recon_items owner to khop_fn_settle;
revoke all on function khop.recon_items from public;
grant execute on function khop.recon_items to khop_fn_org;
comment on function khop.recon_items is 'What moved on an account on a day, by its three sources';
