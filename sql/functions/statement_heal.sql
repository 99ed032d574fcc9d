-- Settles lines of a file that have no notice, by the same function as notices (ledger.md §6.1), those behind a place, as many as there are p_rids: provider 9, the
-- line's key as its id. Under the locks of the books, where no notice can come between the last look for one and the settlement; what came since the journal stood
-- at p_seen is paired first. A notice that comes later is found to be that line's (settle_healed). Answers with the place and the journal for the next call; place
-- NULL: that was all. rc -5: the job is this worker's no more; -8: no receipt key is registered.
create or replace function khop.statement_heal(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_file_id int8, p_after int4, p_seen int8,
    p_rids bytea[])
returns table (rc int2, healed int4, place int4, seen int8)
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
    v_job khop.job;
    v_key_no int2;
    f khop.statement_file;
    l record;
    c record;
begin
    healed := 0;
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    select * into f from khop.statement_file f where f.bucket = p_bucket and f.file_id = p_file_id and f.org_id = v_job.org_id;
    select k.key_no into v_key_no from khop.receipt_key k where k.revoked_at is null order by k.valid_from desc, k.key_no desc limit 1;
    rc := case when f.file_id is null then -5 when v_key_no is null then -8 else 0 end;
    if rc = 0 then
        perform khop.book_lock(p_bucket, f.org_id);
        if p_seen is distinct from (select h.next_seq from khop.org_head h where h.bucket = p_bucket and h.org_id = f.org_id) then
            perform khop.statement_pair(p_bucket, f.org_id, f.account_id, f.covered_from, f.covered_to, p_now);
        end if;
        select count(*)::int4 as n, max(x.place) as place, array_agg(x.line_no order by x.place) as no, array_agg(x.key order by x.place) as ext,
               array_agg(case when x.amount > 0 then 1 else 2 end::int2 order by x.place) as direction, array_agg(abs(x.amount) order by x.place) as amount,
               array_agg(least(p_now, (x.bank_date + make_interval(secs => coalesce(x.second, 43200)))::timestamp at time zone interval '7 hours')
                   order by x.place) as paid_at,
               array_agg(coalesce(x.memo, '') order by x.place) as memo, array_agg(coalesce(x.reference, '') order by x.place) as reference,
               array_agg(x.balance_after order by x.place) as balance, array_agg(x.body order by x.place) as body,
               array_agg(sha256(x.body) order by x.place) as hash, array_agg(x.o::int4 order by x.place) as o
          into l
          from (select o.place, (o.line).*, row_number() over (order by o.place) as o,
                       convert_to(jsonb_build_object('statement', khop.id_text('stm', (o.line).file_id), 'row', (o.line).file_row, 'line', (o.line).line_no,
                           'date', (o.line).bank_date, 'second', (o.line).second, 'amount', (o.line).amount, 'balance', (o.line).balance_after,
                           'reference', (o.line).reference, 'memo', (o.line).memo)::text, 'UTF8') as body
                  from khop.statement_open(p_bucket, p_file_id, p_after, cardinality(p_rids)) o) x;
        healed := l.n;
        place := case when l.n = cardinality(p_rids) then l.place end;
    end if;
    if healed = 0 then
        return next;
        return;
    end if;

    select coalesce(array_agg(c.o order by c.o, c.k), '{}') as event, coalesce(array_agg(c.code order by c.o, c.k), '{}') as code,
           coalesce(array_agg(c.how order by c.o, c.k), '{}') as how
      into c
      from (select n.o::int4 as o, k.k, x.codes[k.k] as code, x.hows[k.k] as how
              from unnest(l.no) with ordinality n (no, o)
              join lateral (
                   select x.* from khop.statement_line x where x.bucket = p_bucket and x.account_id = f.account_id and x.line_no between n.no and n.no
                    order by x.line_no limit 1) x on true
             cross join lateral generate_subscripts(x.codes, 1) k (k)) c;
    insert into khop.line_event (bucket, account_id, line_no, org_id, seq, rule, linked_at)
    select p_bucket, f.account_id, l.no[s.ord], f.org_id, s.seq, 9, p_now
      from khop.settle_batch(p_bucket, p_now, v_key_no, array_fill(p_file_id, array[healed]), l.body, l.hash, l.o, array_fill(f.account_id, array[healed]),
               array_fill(9::int2, array[healed]), l.ext, l.hash, l.direction, l.amount, l.paid_at, l.memo, l.reference, l.balance, p_rids[1:healed],
               c.event, c.code, c.how) s;
    insert into khop.healed_line (bucket, account_id, line_no, org_id, seq, direction, amount, bank_date, balance_after, code_no, reference, memo_key)
    select p_bucket, f.account_id, x.line_no, f.org_id, e.seq, case when x.amount > 0 then 1 else 2 end, abs(x.amount), x.bank_date, x.balance_after,
           x.code_no, x.reference, x.memo_key
      from unnest(l.no) n (no)
      join lateral (select x.* from khop.statement_line x where x.bucket = p_bucket and x.account_id = f.account_id and x.line_no between n.no and n.no
                    order by x.line_no limit 1) x on true
      join lateral (select e.* from khop.line_event e where e.bucket = p_bucket and e.account_id = f.account_id and e.line_no = n.no limit 1) e on true;
    update khop.org_head h set healed = true where h.bucket = p_bucket and h.org_id = f.org_id and not h.healed;
    select h.next_seq into seen from khop.org_head h where h.bucket = p_bucket and h.org_id = f.org_id;
    return next;
end $f$;
alter function khop.statement_heal owner to khop_fn_settle;
revoke all on function khop.statement_heal from public;
grant execute on function khop.statement_heal to khop_jobs;
comment on function khop.statement_heal is 'Settles lines that have no notice';
