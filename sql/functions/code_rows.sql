-- The document of charges that the caller has already found to be its own, in the order of the ids; row level security is the second line.
-- Of its receipts the newest hundred, from the last one back: a code of a stall may be paid into for years.
-- Planned once per session: planning anew took five times as long as the look-up. Each table is read by its key, as LATERAL … LIMIT 1:
-- as joins, without statistics, reading the bucket seems as cheap (tests/sql/plans.sql).
create or replace function khop.code_rows(p_bucket int4, p_ids int8[], p_receipts bool) returns setof khop.code_row
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_material = off
set join_collapse_limit = 1
as $f$
begin
    return query
    select 0::int2, false, c.charge_id, c.code_no, c.kind, khop.charge_status(d.cancelled, d.due, d.paid + d.adjusted, c.due_on, d.last_paid_at),
           c.amount, d.paid + d.adjusted, c.label, c.account_id, a.bin, a.account_no, a.holder, payer.ref, payer.name,
           payee.bin, payee.account_no, payee.name, c.due_on, c.expires_at, c.token, c.created_at, c.org_id, o.name,
           t.event_id, t.receipt_year::int4, t.receipt_no::int8, t.amount, t.rid, t.paid_at, payer.class, bill.lines, v.no is not null, c.payer_id,
           case when c.payer_id is null then 0 else khop.credit_used(p_bucket, c.org_id, c.payer_id, c.code_no, null) end
      from unnest(p_ids) with ordinality i (charge_id, place)
      join lateral (select c.* from khop.charge c where c.bucket = p_bucket and c.charge_id = i.charge_id limit 1) c on true
      join lateral (select d.* from khop.charge_due d where d.bucket = p_bucket and d.code_no = c.code_no limit 1) d on true
      join lateral (select a.* from khop.account a where a.account_id = c.account_id limit 1) a on true
      join lateral (select o.* from khop.org o where o.org_id = c.org_id limit 1) o on true
      left join lateral (select p.* from khop.party p where p.bucket = p_bucket and p.charge_id = c.charge_id and p.role = 1 limit 1) payer on true
      left join lateral (select p.* from khop.party p where p.bucket = p_bucket and p.charge_id = c.charge_id and p.role = 2 limit 1) payee on true
      left join lateral (
           select json_agg(json_build_array(b.label, b.amount) order by b.place)::text as lines
             from (select x.* from khop.charge_line x where x.bucket = p_bucket and x.charge_id = c.charge_id limit 50) b) bill on true
      left join lateral (
           with recursive back as (
               select d.last_seq as seq, 0 as nth where p_receipts and d.last_seq is not null
               union all
               select x.previous, b.nth + 1
                 from back b
                 join lateral (select x.previous from khop.transfer x where x.bucket = p_bucket and x.org_id = c.org_id and x.seq = b.seq limit 1) x on true
                where b.nth < 99)
           select b.seq from back b where b.seq is not null) l on true
      left join lateral (select t.* from khop.transfer t where t.bucket = p_bucket and t.org_id = c.org_id and t.seq = l.seq limit 1) t on true
      left join lateral (
           select v.no from khop.receipt_void v
            where v.bucket = p_bucket and v.org_id = c.org_id and v.year = t.receipt_year and v.no = t.receipt_no limit 1) v on true
     order by i.place, t.receipt_year, t.receipt_no;
end $f$;
alter function khop.code_rows owner to khop_fn_org;
revoke all on function khop.code_rows from public;
comment on function khop.code_rows is 'Rows of the given charges, with their receipts or without';
