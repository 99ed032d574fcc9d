-- Report_charges of one label, which is not null: a page goes on after the charge p_after of the payer p_payer_id (null: of nobody on the list), whose
-- place is p_key (class, given name, name, number). Sums and page come from one reading of the label's charges. Payers come in order by key, and what is sorted is their
-- places: whole numbers instead of names.
create or replace function khop.report_round(p_bucket int4, p_org_id int8, p_now timestamptz, p_open bool, p_from date, p_to date, p_class text, p_label text,
    p_after int8, p_payer_id int8, p_key text[], p_limit int4) returns setof khop.report_line
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = on
set enable_nestloop = off
set enable_mergejoin = off
set enable_sort = off
as $f$
begin
    return query
    with payer as (
        select y.payer_id, y.class, y.name, y.ref,
               row_number() over (order by y.org_id + 0, coalesce(y.class, U&'\FFFF') collate khop.vn, y.given, y.name collate khop.vn, y.ref collate "C") as place
          from khop.payer y
         where y.bucket = p_bucket and y.org_id + 0 = p_org_id
           and (coalesce(y.class, U&'\FFFF') collate khop.vn, y.given, y.name collate khop.vn, y.ref collate "C") >= (p_key[1], p_key[2], p_key[3], p_key[4])),
    line as materialized (
        select y.place, l.charge_id, coalesce(y.class, l.class) as class, coalesce(y.name, l.name) as name, coalesce(y.ref, l.ref) as ref,
               l.code_no, l.due_on, l.due, l.paid, l.last_paid_at
          from khop.report_labelled(p_bucket, p_org_id, p_now, p_open, p_from, p_to, p_label) l
          left join payer y on y.payer_id = l.payer_id
         where (l.payer_id is null or y.payer_id is not null) and (p_class is null or coalesce(y.class, l.class, '') = p_class))
    select 0::int2, 1::int2, null::int8, null::int8, null::text, null::text, null::text, null::text, null::text, null::int8, null::int8,
           coalesce(sum(l.due), 0)::int8, coalesce(sum(l.paid), 0)::int8, case when p_open then coalesce(sum(l.due - l.paid), 0)::int8 end,
           null::int8, null::int8, null::int8, null::int8
      from line l
    having p_after = 0
    union all
    select 0::int2, 0::int2, l.charge_id, 0::int8, l.class, l.name, l.ref, p_label, null::text, l.code_no::int8,
           (l.due_on - date '1970-01-01')::int8, l.due, l.paid, case when p_open then l.due - l.paid end,
           (extract(epoch from l.last_paid_at) * 1000000)::int8, null::int8, null::int8, null::int8
      from (select l.* from line l
             where case when p_after = 0 then true when l.place is null then p_payer_id is not null or l.charge_id > p_after
                        else p_payer_id is not null and (l.place > 1 or l.charge_id > p_after) end
             order by l.place, l.charge_id limit p_limit) l;
end $f$;
alter function khop.report_round owner to khop_owner;
revoke all on function khop.report_round from public;
comment on function khop.report_round is 'What an organisation is owed, or has been paid, of a label';
