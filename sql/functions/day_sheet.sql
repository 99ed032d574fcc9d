-- The figures of the days from p_from to p_day as they stand: per account opening, in, out, closing; ranges of the journal and of receipts; what is carried on. This
-- is the text that a close seals (ledger.md §6.9), so nothing in it depends on settings of the session.
create or replace function khop.day_sheet(p_bucket int4, p_org_id int8, p_from date, p_day date, p_seen_seq int8, out sheet jsonb, out next_seq int8)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $f$
declare
    h khop.org_head;
    v_accounts jsonb;
    v_rows record;
    v_receipts jsonb;
    v_open record;
begin
    select * into h from khop.org_head x where x.bucket = p_bucket and x.org_id = p_org_id;
    select jsonb_agg(jsonb_build_object('account', a.account, 'name', c.name, 'opening', a.opening, 'debit', a.debit, 'credit', a.credit,
               'closing', a.opening + a.debit - a.credit) order by a.account) into v_accounts
      from (select x.account, coalesce(sum(x.debit - x.credit) filter (where x.day < p_from), 0)::int8 as opening,
                   coalesce(sum(x.debit) filter (where x.day >= p_from), 0)::int8 as debit, coalesce(sum(x.credit) filter (where x.day >= p_from), 0)::int8 as credit
              from (select t.day, t.debit as account, t.amount as debit, 0::int8 as credit from khop.day_total t
                     where t.bucket = p_bucket and t.org_id = p_org_id and t.day <= p_day
                    union all
                    select t.day, t.credit, 0, t.amount from khop.day_total t where t.bucket = p_bucket and t.org_id = p_org_id and t.day <= p_day) x
             group by x.account) a
      left join khop.chart c on c.org_id = p_org_id and c.account = a.account;
    select count(*) filter (where t.booked_on between p_from and p_day) as n, min(t.seq) filter (where t.booked_on between p_from and p_day) as first,
           max(t.seq) filter (where t.booked_on between p_from and p_day) as last, min(t.seq) filter (where t.booked_on > p_day) as later
      into v_rows
      from khop.transfer t where t.bucket = p_bucket and t.org_id = p_org_id and t.seq >= p_seen_seq;
    select jsonb_agg(jsonb_build_object('year', r.year, 'first', r.first, 'last', r.last, 'n', r.n) order by r.year) into v_receipts
      from (select t.receipt_year as year, min(t.receipt_no) as first, max(t.receipt_no) as last, count(*) as n
              from khop.transfer t
             where t.bucket = p_bucket and t.org_id = p_org_id and t.seq >= p_seen_seq and t.receipt_no is not null and t.booked_on between p_from and p_day
             group by t.receipt_year) r;
    select count(*) as n, coalesce(sum(x.held), 0)::int8 as held,
           jsonb_agg(jsonb_build_object('id', x.exception_id, 'reason', x.reason, 'held', x.held, 'amount', x.amount) order by x.exception_id)
               filter (where x.place <= 500) as items
      into v_open
      from (select x.*, row_number() over (order by x.exception_id) as place from khop.exception x
             where x.bucket = p_bucket and x.org_id = p_org_id and x.state in ('open', 'proposed')) x;
    next_seq := coalesce(v_rows.later, h.next_seq);
    sheet := jsonb_build_object('org', (select o.code from khop.org o where o.org_id = p_org_id), 'from', to_char(p_from, 'YYYY-MM-DD'),
        'day', to_char(p_day, 'YYYY-MM-DD'),
        'accounts', coalesce(v_accounts, '[]'), 'transfers', jsonb_build_object('n', v_rows.n, 'first', v_rows.first, 'last', v_rows.last),
        'receipts', coalesce(v_receipts, '[]'), 'open', jsonb_build_object('n', v_open.n, 'held', v_open.held, 'items', coalesce(v_open.items, '[]')),
        'journal', jsonb_build_object('seq', h.next_seq - 1, 'chain', encode(h.chain, 'hex')),
        'statements', to_jsonb(khop.close_files(p_bucket, p_org_id, p_from, p_day)));
end $f$;
alter function khop.day_sheet owner to khop_fn_settle;
revoke all on function khop.day_sheet from public;
grant execute on function khop.day_sheet to khop_fn_org;
comment on function khop.day_sheet is 'The figures of days as they stand: what a close seals';
