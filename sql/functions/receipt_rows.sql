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
    select 0::int2, t.event_id, r.bucket, r.org_id, o.name, o.code, r.year, r.no::int8, r.rid, d.charge_id, r.code_no, r.amount, t.paid_at,
           t.recorded_at, k.kid, k.iss, k.public_key, v.no is not null, c.label, c.kind, t.reference
      from unnest(p_seqs) i (seq)
      join lateral (select t.* from khop.transfer t where t.bucket = p_bucket and t.org_id = p_org_id and t.seq = i.seq limit 1) t on true
      join lateral (
           select r.* from khop.receipt r where r.bucket = p_bucket and r.org_id = p_org_id and r.year = t.receipt_year and r.no = t.receipt_no limit 1) r on true
      join khop.org o on o.org_id = r.org_id
      left join khop.receipt_key k on k.key_no = r.key_no
      left join lateral (select d.* from khop.charge_due d where d.bucket = p_bucket and d.code_no = r.code_no limit 1) d on true
      left join lateral (select c.* from khop.charge c where c.bucket = p_bucket and c.charge_id = d.charge_id limit 1) c on true
      left join lateral (
           select v.* from khop.receipt_void v where v.bucket = p_bucket and v.org_id = p_org_id and v.year = r.year and v.no = r.no limit 1) v on true
     order by r.year, r.no;
end $f$;
alter function khop.receipt_rows owner to khop_fn_org;
revoke all on function khop.receipt_rows from public;
comment on function khop.receipt_rows is 'Receipts by year and number, as the API answers them';
