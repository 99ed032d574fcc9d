-- Settles lines of an account by the same function as notices (ledger.md §6.1), in the order given: provider 9, the line's key as its id. A line without a code gets
-- p_code, where the caller knows it from elsewhere. Settlement knows them from now on (healed_line), so that a notice that comes later is theirs. The caller
-- holds the locks of the books and says which line is which event.
create or replace function khop.statement_settle(p_bucket int4, p_org_id int8, p_account int8, p_now timestamptz, p_key_no int2, p_lines int8[], p_rids bytea[],
    p_code int4, p_how int2)
returns table (line_no int8, seq int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_mergejoin = off
set jit = off
as $f$
#variable_conflict use_column
declare
    l record;
    c record;
    v_seq int8[];
begin
    select count(*)::int4 as n, array_agg(x.file_id order by x.o) as file, array_agg(x.key order by x.o) as ext,
           array_agg(case when x.amount > 0 then 1 else 2 end::int2 order by x.o) as direction, array_agg(abs(x.amount) order by x.o) as amount,
           array_agg(least(p_now, (x.bank_date + make_interval(secs => coalesce(x.second, 43200)))::timestamp at time zone interval '7 hours')
               order by x.o) as paid_at,
           array_agg(coalesce(x.memo, '') order by x.o) as memo, array_agg(coalesce(x.reference, '') order by x.o) as reference,
           array_agg(x.balance_after order by x.o) as balance, array_agg(x.body order by x.o) as body,
           array_agg(sha256(x.body) order by x.o) as hash, array_agg(x.o::int4 order by x.o) as o
      into l
      from (select n.o, x.*,
                   convert_to(jsonb_build_object('statement', khop.id_text('stm', x.file_id), 'row', x.file_row, 'line', x.line_no, 'date', x.bank_date,
                       'second', x.second, 'amount', x.amount, 'balance', x.balance_after, 'reference', x.reference, 'memo', x.memo)::text, 'UTF8') as body
              from unnest(p_lines) with ordinality n (no, o)
              join lateral (
                   select x.* from khop.statement_line x where x.bucket = p_bucket and x.account_id = p_account and x.line_no between n.no and n.no
                    order by x.line_no limit 1) x on true) x;
    select coalesce(array_agg(c.o order by c.o, c.k), '{}') as event, coalesce(array_agg(c.code order by c.o, c.k), '{}') as code,
           coalesce(array_agg(c.how order by c.o, c.k), '{}') as how
      into c
      from (select n.o::int4 as o, k.k, x.codes[k.k] as code, x.hows[k.k] as how
              from unnest(p_lines) with ordinality n (no, o)
              join lateral (
                   select case when x.codes = '{}' and p_code is not null then array[p_code] else x.codes end as codes,
                          case when x.codes = '{}' and p_code is not null then array[p_how] else x.hows end as hows
                     from khop.statement_line x where x.bucket = p_bucket and x.account_id = p_account and x.line_no between n.no and n.no
                    order by x.line_no limit 1) x on true
             cross join lateral generate_subscripts(x.codes, 1) k (k)) c;
    select array_agg(s.seq order by s.ord) into v_seq
      from khop.settle_batch(p_bucket, p_now, p_key_no, l.file, l.body, l.hash, l.o, array_fill(p_account, array[l.n]), array_fill(9::int2, array[l.n]), l.ext,
               l.hash, l.direction, l.amount, l.paid_at, l.memo, l.reference, l.balance, p_rids[1:l.n], c.event, c.code, c.how) s;
    insert into khop.healed_line (bucket, account_id, line_no, org_id, seq, direction, amount, bank_date, balance_after, code_no, reference, memo_key)
    select p_bucket, p_account, x.line_no, p_org_id, n.seq, case when x.amount > 0 then 1 else 2 end, abs(x.amount), x.bank_date, x.balance_after,
           x.code_no, x.reference, x.memo_key
      from unnest(p_lines, v_seq) n (no, seq)
      join lateral (select x.* from khop.statement_line x where x.bucket = p_bucket and x.account_id = p_account and x.line_no between n.no and n.no
                    order by x.line_no limit 1) x on true;
    update khop.org_head h set healed = true where h.bucket = p_bucket and h.org_id = p_org_id and not h.healed;
    return query select n.no, n.seq from unnest(p_lines, v_seq) n (no, seq);
end $f$;
alter function khop.statement_settle owner to khop_fn_settle;
revoke all on function khop.statement_settle from public;
comment on function khop.statement_settle is 'Settles lines of a statement as events of their own';
