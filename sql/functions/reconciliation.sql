-- A day of an account on one page (ledger.md §6.1): the bank's balances and the books', the three-way states with counts and sums, and the rows behind one state or
-- all, those that need somebody first. p_account NULL: the account on which most moved that
-- day, the first of equals. rc -4: the account is not theirs.
create or replace function khop.reconciliation(p_token bytea, p_now timestamptz, p_account int8, p_day date, p_state text, p_after int4, p_limit int4)
returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set jit = off
as $f$
#variable_conflict use_column
declare
    v_login record;
    a khop.account;
    b record;
    k record;
    v_states jsonb;
    v_rows jsonb;
    v_count int8;
    v_gaps jsonb;
begin
    select * into v_login from khop.login(p_token, p_now, 1 | 4);
    rc := v_login.rc;
    if rc = 0 then
        select a.* into a from khop.account a
          left join lateral (
               select sum(d.n) as n from khop.day_total d
                where p_account is null and d.bucket = v_login.bucket and d.org_id = v_login.org_id and d.day = p_day
                  and (d.debit = a.ledger_no or d.credit = a.ledger_no)) m on true
         where (p_account is null or a.account_id = p_account) and a.org_id = v_login.org_id
           and a.account_id <> all (coalesce(string_to_array(nullif(current_setting('khop.hidden', true), ''), ',')::int8[], '{}')) -- somebody's own
         order by m.n desc nulls last, a.account_id limit 1;
        p_account := a.account_id;
        rc := case when a.account_id is null then -4 else 0 end;
    end if;
    if rc <> 0 then
        return next;
        return;
    end if;
    select * into b from khop.recon_bank(v_login.bucket, p_account, p_day);
    select coalesce(sum(case when d.debit = a.ledger_no then d.amount else - d.amount end) filter (where d.day < p_day), 0)::int8 as opening,
           coalesce(sum(case when d.debit = a.ledger_no then d.amount else - d.amount end)
               filter (where d.day = p_day and khop.bank_moves(true, case when d.debit = a.ledger_no then d.credit else d.debit end)), 0)::int8 as credit,
           coalesce(sum(case when d.debit = a.ledger_no then - d.amount else d.amount end)
               filter (where d.day = p_day and khop.bank_moves(false, case when d.debit = a.ledger_no then d.credit else d.debit end)), 0)::int8 as debit
      into k
      from khop.day_total d
     where d.bucket = v_login.bucket and d.org_id = v_login.org_id and d.day <= p_day and (d.debit = a.ledger_no or d.credit = a.ledger_no);
    with item as materialized (select * from khop.recon_items(v_login.bucket, v_login.org_id, p_account, p_day)),
    state as (
        select i.state, i.rank, count(*) as n, coalesce(sum(i.amount) filter (where i.direction = 1), 0) as credit,
            coalesce(sum(i.amount) filter (where i.direction = 2), 0) as debit
          from item i group by i.state, i.rank),
    page as (
        select i.*, row_number() over (order by i.rank, i.at, i.line_no, i.seq) as n, count(*) over () as count from item i where p_state is null
            or i.state = p_state)
    select (select coalesce(jsonb_agg(jsonb_build_object('state', s.state, 'count', s.n, 'in', s.credit, 'out', s.debit) order by s.rank), '[]') from state s),
           (select coalesce(jsonb_agg(jsonb_build_object('state', p.state, 'at', khop.time_text(p.at), 'direction', case p.direction when 1 then 'in' else 'out' end,
                       'amount', p.amount, 'line', case when p.line_no is not null then jsonb_build_object('statement', khop.id_text('stm', p.file_id),
                           'row', p.file_row,
                           'amount', p.line_amount, 'balance', p.balance_after, 'counterparty', p.counter_name) end,
                       'event', case when p.seq is not null then jsonb_build_object('id', khop.id_text('evt', p.event_id), 'amount', p.event_amount,
                           'provider', khop.provider_name(p.provider), 'outcome', khop.outcome_name(p.outcome)) end,
                       'reference', p.reference, 'memo', p.memo, 'code', case when p.code_no is not null then khop.code_text(p.code_no) end,
                       'matched_by', (array['reference', 'balance', 'code', 'memo', 'count', 'reference', null, null, 'statement'])[p.rule],
                       'exception', khop.id_text('exc', p.exception_id),
                       'correct', p.exception_id is not null and p.state in ('not_on_statement', 'duplicate_notice', 'amount_conflict', 'reversed')
                           and (khop.correct_find(v_login.bucket, v_login.org_id, p.exception_id)).what is not null) order by p.n), '[]')
              from page p where p.n > p_after and p.n <= p_after + p_limit),
           (select max(p.count) from page p)
      into v_states, v_rows, v_count;
    select coalesce(jsonb_agg(jsonb_build_object('exception', khop.id_text('exc', y.exception_id), 'amount', y.amount, 'source', y.source,
               'direction', case y.direction when 1 then 'in' else 'out' end, 'before', y.before, 'after', y.after) order by y.source, y.exception_id), '[]') into v_gaps
      from (
    select x.exception_id, x.amount, x.direction, 'statement' as source, l.balance_after - l.amount as before, c.balance_after as after
      from khop.statement_line l
      join khop.statement_item i on i.bucket = l.bucket and i.account_id = l.account_id and i.reason = 1 and i.about = l.line_no
      join khop.exception x on x.bucket = i.bucket and x.exception_id = i.exception_id and x.state in ('open', 'proposed')
      left join khop.statement_line c on c.bucket = i.bucket and c.account_id = i.account_id and c.line_no = i.before_line
     where l.bucket = v_login.bucket and l.account_id = p_account and l.bank_date = p_day
    union all
    select x.exception_id, x.amount, x.direction, 'notice', g.after_balance, g.before_balance
      from khop.balance_gap g
      join lateral (select x.* from khop.exception x where x.bucket = g.bucket and x.exception_id = g.exception_id limit 1) x on x.state in ('open', 'proposed')
      join lateral (select t.paid_at from khop.transfer t where t.bucket = g.bucket and t.org_id = g.org_id and t.seq = g.after_seq limit 1) t
        on (t.paid_at at time zone interval '7 hours')::date = p_day
     where g.bucket = v_login.bucket and g.account_id = p_account) y;
    doc := jsonb_build_object('date', p_day, 'account', jsonb_build_object('id', khop.id_text('acc', p_account), 'bin', a.bin, 'account_no', a.account_no,
        'holder', a.holder),
        'bank', jsonb_build_object('statement', khop.id_text('stm', b.file_id), 'complete', coalesce(b.complete, false), 'opening', b.opening, 'in',
            b.credit, 'out', b.debit,
            'closing', b.closing),
        'books', jsonb_build_object('opening', k.opening, 'in', k.credit, 'out', k.debit, 'closing', k.opening + k.credit - k.debit),
        'agrees', b.credit = k.credit and b.debit = k.debit, 'difference', jsonb_build_object('in', b.credit - k.credit, 'out', b.debit - k.debit),
        'states', v_states, 'gaps', v_gaps, 'count', coalesce(v_count, 0), 'items', v_rows,
        'next', case when p_after + p_limit < coalesce(v_count, 0) then p_after + p_limit end)::text;
    return next;
end $f$;
alter function khop.reconciliation owner to khop_fn_org;
revoke all on function khop.reconciliation from public;
grant execute on function khop.reconciliation to khop_serve;
comment on function khop.reconciliation is 'A day of an account: bank, books and the states between them';
