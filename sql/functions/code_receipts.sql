-- The receipts of a charge from its last one back, the newest hundred: each names the one before it. Strict: a charge that nothing has
-- been paid on, and a caller who wants none, pay nothing for this.
create or replace function khop.code_receipts(p_bucket int4, p_org int8, p_last int8)
returns table (event_id int8, year int2, no int4, amount int8, rid bytea, paid_at timestamptz, voided bool)
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
    v_seq int8 := p_last;
begin
    for i in 1..100 loop
        select t.event_id, t.receipt_year, t.receipt_no, t.amount, t.rid, t.paid_at, v.no is not null, t.previous
          into event_id, year, no, amount, rid, paid_at, voided, v_seq
          from (select x.event_id, x.receipt_year, x.receipt_no, x.amount, x.rid, x.paid_at, x.previous from khop.transfer x
                 where x.bucket = p_bucket and x.org_id = p_org and x.seq = v_seq limit 1) t
          left join lateral (
               select x.no from khop.receipt_void x
                where x.bucket = p_bucket and x.org_id = p_org and x.year = t.receipt_year and x.no = t.receipt_no limit 1) v on true;
        exit when not found;
        return next;
        exit when v_seq is null;
    end loop;
end $f$;
alter function khop.code_receipts owner to khop_fn_org;
revoke all on function khop.code_receipts from public;
comment on function khop.code_receipts is 'Receipts of a charge, from its last one back';
