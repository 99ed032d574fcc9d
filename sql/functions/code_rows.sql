-- The document of charges that the caller has already found to be its own, in the order of the ids; row level security is the second line.
-- Of its receipts the newest hundred, from the last one back: a code of a stall may be paid into for years.
-- Planned once per session, by key from the first row on: planning anew took five times as long as the look-up.
create or replace function khop.code_rows(p_bucket int4, p_ids int8[], p_receipts bool) returns setof khop.code_row
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $f$
begin
    return query
    select 0::int2, false, c.charge_id, c.code_no, c.kind, khop.charge_status(d.cancelled, d.due, d.paid, c.due_on, d.last_paid_at),
           c.amount, d.paid, c.label, c.account_id, a.bin, a.account_no, a.holder, payer.ref, payer.name,
           payee.bin, payee.account_no, payee.name, c.due_on, c.expires_at, c.token, c.created_at, c.org_id, o.name,
           t.event_id, r.year, r.no::int8, r.amount, r.rid, t.paid_at
      from unnest(p_ids) with ordinality i (charge_id, place)
      join khop.charge c on c.bucket = p_bucket and c.charge_id = i.charge_id
      join khop.charge_due d on d.bucket = p_bucket and d.code_no = c.code_no
      join khop.account a on a.account_id = c.account_id
      join khop.org o on o.org_id = c.org_id
      left join khop.party payer on payer.bucket = p_bucket and payer.charge_id = c.charge_id and payer.role = 1
      left join khop.party payee on payee.bucket = p_bucket and payee.charge_id = c.charge_id and payee.role = 2
      left join lateral (
           with recursive back as (
               select d.last_seq as seq, 0 as nth where p_receipts and d.last_seq is not null
               union all
               select x.previous, b.nth + 1
                 from back b
                 join khop.transfer y on y.bucket = p_bucket and y.org_id = c.org_id and y.seq = b.seq
                 join khop.receipt x on x.bucket = p_bucket and x.org_id = c.org_id and x.year = y.receipt_year and x.no = y.receipt_no
                where b.nth < 99)
           select b.seq from back b where b.seq is not null) l on true
      left join khop.transfer t on t.bucket = p_bucket and t.org_id = c.org_id and t.seq = l.seq
      left join khop.receipt r on r.bucket = p_bucket and r.org_id = c.org_id and r.year = t.receipt_year and r.no = t.receipt_no
     order by i.place, r.year, r.no;
end $f$;
alter function khop.code_rows owner to khop_fn_org;
revoke all on function khop.code_rows from public;
comment on function khop.code_rows is 'Rows of the given charges, with their receipts or without';
