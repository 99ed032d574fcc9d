-- What live pages ask: the state of the charges they show. Unknown ids give no row.
create or replace function khop.charge_watch(p_bucket int4, p_ids int8[], p_now timestamptz)
returns table (charge_id int8, status text, paid int8, amount int8, receipt_count int4, last_receipt_rid bytea)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
begin
    perform khop.enter_charges(p_bucket, p_ids);
    return query
    select c.charge_id, khop.charge_status(d.cancelled, d.due, d.paid, c.due_on, d.last_paid_at), d.paid, c.amount,
           d.receipts,
           (select r.rid from khop.transfer t
              join khop.receipt r on r.bucket = p_bucket and r.org_id = c.org_id and r.year = t.receipt_year and r.no = t.receipt_no
             where t.bucket = p_bucket and t.org_id = c.org_id and t.seq = d.last_seq)
      from khop.charge c join khop.charge_due d on d.bucket = p_bucket and d.code_no = c.code_no
     where c.bucket = p_bucket and c.charge_id = any (p_ids);
end $f$;
alter function khop.charge_watch owner to khop_fn_org;
revoke all on function khop.charge_watch from public;
grant execute on function khop.charge_watch to khop_serve;
comment on function khop.charge_watch is 'State of charges for live pages';
