-- What live pages ask: the state of the charges they show. Unknown ids give no row.
create or replace function khop.charge_watch(p_bucket int4, p_ids int8[], p_now timestamptz)
returns table (charge_id int8, status text, paid int8, amount int8, receipt_count int4, last_receipt_rid bytea)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_material = off
set join_collapse_limit = 1
as $f$
#variable_conflict use_column
begin
    perform khop.enter_charges(p_bucket, p_ids);
    return query
    select c.charge_id, khop.charge_status(d.cancelled, d.due, d.paid + d.adjusted, c.due_on, d.last_paid_at), d.paid + d.adjusted, c.amount,
           d.receipts,
           (select t.rid from khop.transfer t where t.bucket = p_bucket and t.org_id = c.org_id and t.seq = d.last_seq limit 1)
      from unnest(p_ids) i (charge_id)
      join lateral (select c.* from khop.charge c where c.bucket = p_bucket and c.charge_id = i.charge_id limit 1) c on true
      join lateral (select d.* from khop.charge_due d where d.bucket = p_bucket and d.code_no = c.code_no limit 1) d on true;
end $f$;
alter function khop.charge_watch owner to khop_fn_org;
revoke all on function khop.charge_watch from public;
grant execute on function khop.charge_watch to khop_serve;
comment on function khop.charge_watch is 'State of charges for live pages';
