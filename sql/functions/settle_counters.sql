-- The counters of a batch, for settle_batch: what charges have been paid, totals of days, heads. By UPDATE where the row is there: ON
-- CONFLICT locks a row first, which is a record of WAL more for each. A row is updated by its place: a charge's was seen when the batch was
-- decided, the others are found by key (LATERAL … LIMIT 1), so that nothing is left to the planner, see settle_batch; in a function of its
-- own, because that needs nested loops. Only rows of charges may have moved; those that did are found again.
create or replace function khop.settle_counters(p_bucket int4, p_dues khop.settle_due[], p_totals khop.settle_total[], p_heads khop.settle_head[])
returns int4
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_hashjoin = off
set enable_nestloop = on
set enable_material = off
set enable_memoize = off
set enable_bitmapscan = off
as $f$
declare
    v_n int4;
begin
    update khop.charge_due c
       set paid = c.paid + u.amount, last_paid_at = greatest(c.last_paid_at, u.paid_at), last_seq = u.seq, receipts = c.receipts + u.n
      from unnest(p_dues) u
     where c.ctid = u.place and c.bucket + 0 = p_bucket and c.code_no + 0 = u.code_no; -- + 0: by place, never by an index
    get diagnostics v_n = row_count;
    if v_n <> coalesce(cardinality(p_dues), 0) then -- a code was cancelled meanwhile: its row has moved. The lock waits, then takes what is there
        insert into khop.charge_due as c (bucket, code_no, charge_id, org_id, account_id, direction, paid, last_paid_at, last_seq, receipts)
        select p_bucket, u.code_no, x.charge_id, x.org_id, x.account_id, x.direction, u.amount, u.paid_at, u.seq, u.n
          from unnest(p_dues) u
         cross join lateral (select x.* from khop.charge_due x where x.bucket = p_bucket and x.code_no = u.code_no limit 1) x
         where x.last_seq is distinct from u.seq
        on conflict (bucket, code_no) do update
           set paid = c.paid + excluded.paid, last_paid_at = greatest(c.last_paid_at, excluded.last_paid_at), last_seq = excluded.last_seq,
               receipts = c.receipts + excluded.receipts;
    end if;
    update khop.day_total t set n = t.n + u.n, amount = t.amount + u.amount
      from (select u.*, x.place from unnest(p_totals) u
             cross join lateral (
                   select x.ctid as place from khop.day_total x
                    where x.bucket = p_bucket and x.org_id = u.org_id and x.day = u.day and x.debit = u.debit and x.credit = u.credit limit 1) x) u
     where t.ctid = u.place;
    get diagnostics v_n = row_count;
    if v_n <> cardinality(p_totals) then -- the first of a day; those that are there stay as they are
        insert into khop.day_total (bucket, org_id, day, debit, credit, n, amount)
        select p_bucket, u.* from unnest(p_totals) u
        on conflict (bucket, org_id, day, debit, credit) do nothing;
    end if;
    update khop.org_head h set next_seq = u.next_seq, receipt_year = u.year, next_receipt = u.next_receipt, chain = u.chain
      from (select u.*, x.place from unnest(p_heads) u
             cross join lateral (select x.ctid as place from khop.org_head x where x.bucket = p_bucket and x.org_id = u.org_id limit 1) x) u
     where h.ctid = u.place;
    get diagnostics v_n = row_count;
    if v_n <> coalesce(cardinality(p_heads), 0) then
        raise exception 'of % heads % are there', cardinality(p_heads), v_n using errcode = 'internal_error';
    end if;
    return v_n;
end $f$;
alter function khop.settle_counters owner to khop_fn_settle;
revoke all on function khop.settle_counters from public;
comment on function khop.settle_counters is 'Moves the counters of a batch of settlements';
