-- Charges of a label that stand in the list of what is owed (p_open) or of what has been paid in full, each looked up by key. `class`, `name`, `ref`: of
-- the person of a charge that belongs to no payer of the list. For report_charges; like it, it names the organisation itself.
create or replace function khop.report_labelled(p_bucket int4, p_org_id int8, p_now timestamptz, p_open bool, p_from date, p_to date, p_label text)
returns table (charge_id int8, payer_id int8, code_no int4, due_on date, due int8, paid int8, last_paid_at timestamptz, class text, name text, ref text)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_nestloop = on
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_material = off
set enable_sort = off
set join_collapse_limit = 1
as $f$
#variable_conflict use_column
declare
    -- accounts that are not the caller's to see: the owner of the tables sees all
    v_hidden constant int8[] := coalesce(string_to_array(nullif(current_setting('khop.hidden', true), ''), ',')::int8[], '{}');
begin
    return query
    select c.charge_id, c.payer_id, c.code_no, c.due_on, d.due, d.paid + d.adjusted, d.last_paid_at, p.class, p.name, p.ref
      from khop.charge c
      join lateral (select d.* from khop.charge_due d where d.bucket = p_bucket and d.code_no = c.code_no limit 1) d on true
      left join lateral (select p.* from khop.party p where c.payer_id is null and p.bucket = p_bucket and p.charge_id = c.charge_id and p.role = 1 limit 1) p on true
     where c.bucket = p_bucket and c.org_id = p_org_id and coalesce(c.label, '') collate "C" between p_label and p_label and c.label = p_label
       and c.account_id <> all (v_hidden) and coalesce(c.due_on, (c.created_at at time zone interval '7 hours')::date) between p_from and p_to
       and khop.report_charge_is(p_open, p_now, d.due, d.paid + d.adjusted, d.direction, d.cancelled, d.expires_at)
     order by coalesce(c.label, '') collate "C", c.charge_id; -- an order that only charge_label has
end $f$;
alter function khop.report_labelled owner to khop_owner;
revoke all on function khop.report_labelled from public;
comment on function khop.report_labelled is 'Charges of a label that are owed, or have been paid in full';
