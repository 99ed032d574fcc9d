-- Receipts, by the transfers that gave them, that the caller has already found to be its own: everything that is signed, with the key that signs it.
-- Planned once per session: planning anew took five times as long as the look-up. By key from the first row on, see code_rows.
create or replace function khop.receipt_rows(p_bucket int4, p_org_id int8, p_seqs int8[]) returns setof khop.receipt_row
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
    select 0::int2, t.event_id, t.bucket, t.org_id, o.name, o.code, t.receipt_year::int4, t.receipt_no::int8, t.rid, d.charge_id, t.code_no, t.amount, t.paid_at,
           t.recorded_at, k.kid, k.iss, k.public_key, v.no is not null, c.label, c.kind, t.reference
      from unnest(p_seqs) i (seq)
      join lateral (select t.* from khop.transfer t where t.bucket = p_bucket and t.org_id = p_org_id and t.seq = i.seq limit 1) t on t.receipt_no is not null
      join khop.org o on o.org_id = t.org_id
      left join khop.receipt_key k on k.key_no = t.key_no
      left join lateral (select d.* from khop.charge_due d where d.bucket = p_bucket and d.code_no = t.code_no limit 1) d on true
      left join lateral (select c.* from khop.charge c where c.bucket = p_bucket and c.charge_id = d.charge_id limit 1) c on true
      left join lateral (
           select v.* from khop.receipt_void v where v.bucket = p_bucket and v.org_id = p_org_id and v.year = t.receipt_year and v.no = t.receipt_no limit 1) v on true
     order by t.receipt_year, t.receipt_no;
end $f$;
alter function khop.receipt_rows owner to khop_fn_org;
revoke all on function khop.receipt_rows from public;
comment on function khop.receipt_rows is 'Receipts by year and number, as the API answers them';
