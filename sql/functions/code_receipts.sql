-- The receipts of the charges at their places, each from its last one back, the newest ones: each names the one before it. Strict: who wants
-- none pays nothing for this, and charges that nothing has been paid on pay little.
create or replace function khop.code_receipts(p_buckets int4[], p_ids int8[], p_most int4)
returns table (place int4, event_id int8, year int2, no int4, amount int8, rid bytea, paid_at timestamptz, voided bool)
language plpgsql stable strict security definer
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
#variable_conflict use_column
declare
    v_last record;
begin
    select array_agg(i.place::int4) as places, array_agg(i.bucket) as buckets, array_agg(c.org_id) as orgs, array_agg(d.last_seq) as seqs into v_last
      from unnest(p_buckets, p_ids) with ordinality i (bucket, charge_id, place)
      join lateral (select x.org_id, x.code_no from khop.charge x where x.bucket = i.bucket and x.charge_id = i.charge_id limit 1) c on true
      join lateral (select x.last_seq from khop.charge_due x where x.bucket = i.bucket and x.code_no = c.code_no limit 1) d on d.last_seq is not null;
    if v_last.seqs is null then
        return;
    end if;
    return query
    with recursive r (place, bucket, org_id, seq, n) as (
        select l.place, l.bucket, l.org_id, l.seq, 1, t.*
          from unnest(v_last.places, v_last.buckets, v_last.orgs, v_last.seqs) l (place, bucket, org_id, seq)
          join lateral (
               select x.event_id, x.receipt_year, x.receipt_no, x.amount, x.rid, x.paid_at, x.previous from khop.transfer x
                where x.bucket = l.bucket and x.org_id = l.org_id and x.seq = l.seq limit 1) t on true
        union all
        select r.place, r.bucket, r.org_id, r.previous, r.n + 1, t.*
          from r
          join lateral (
               select x.event_id, x.receipt_year, x.receipt_no, x.amount, x.rid, x.paid_at, x.previous from khop.transfer x
                where x.bucket = r.bucket and x.org_id = r.org_id and x.seq = r.previous limit 1) t on true
         where r.n < p_most)
    select r.place, r.event_id, r.receipt_year, r.receipt_no, r.amount, r.rid, r.paid_at, v.no is not null
      from r
      left join lateral (
           select x.no from khop.receipt_void x
            where x.bucket = r.bucket and x.org_id = r.org_id and x.year = r.receipt_year and x.no = r.receipt_no limit 1) v on true;
end $f$;
alter function khop.code_receipts owner to khop_fn_org;
revoke all on function khop.code_receipts from public;
comment on function khop.code_receipts is 'Receipts of charges, from their last ones back';
