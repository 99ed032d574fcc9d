-- Classes with what they owe: t1 class; n1 payers, n2 charges, n3 due, n4 paid, n5 missing, n6 charges that have been paid in full, n7 in part, n8 not
-- at all. Charges without a payer of the list go by the class that they were issued with. Counted are those that report_charges lists as owed
-- or as paid in full. Sums: all. All classes at once.
create or replace function khop.report_classes(p_bucket int4, p_org_id int8, p_now timestamptz, p_from date, p_to date, p_label text) returns setof khop.report_line
language plpgsql stable security definer
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
begin
    return query
    with line as (
        select coalesce(y.class, p.class, '') as class, count(distinct coalesce(y.payer_id::text, p.ref, p.name, c.charge_id::text)) as payers, count(*) as charges,
               sum(d.due)::int8 as due, sum(d.paid + d.adjusted)::int8 as paid, sum(greatest(d.due - d.paid - d.adjusted, 0))::int8 as missing,
               count(*) filter (where d.paid + d.adjusted >= d.due) as whole,
               count(*) filter (where d.paid + d.adjusted < d.due and d.paid + d.adjusted > 0) as part,
               count(*) filter (where d.paid + d.adjusted = 0) as none
          from khop.charge c
          join lateral (select d.* from khop.charge_due d where d.bucket = p_bucket and d.code_no = c.code_no limit 1) d on true
          left join lateral (select y.* from khop.payer y where y.bucket = p_bucket and y.payer_id = c.payer_id limit 1) y on true
          left join lateral (select p.* from khop.party p where p.bucket = p_bucket and p.charge_id = c.charge_id and p.role = 1 and c.payer_id is null limit 1) p on true
         where c.bucket = p_bucket and c.org_id = p_org_id and (khop.report_charge_is(true, p_now, d.due, d.paid + d.adjusted, d.direction, d.cancelled, d.expires_at)
                or khop.report_charge_is(false, p_now, d.due, d.paid + d.adjusted, d.direction, d.cancelled, d.expires_at))
           and coalesce(c.due_on, (c.created_at at time zone interval '7 hours')::date) between p_from and p_to and (p_label is null or c.label = p_label)
         group by 1)
    select 0::int2, 1::int2, null::int8, null::int8, null::text, null::text, null::text, null::text, null::text,
           coalesce(sum(l.payers), 0)::int8, coalesce(sum(l.charges), 0)::int8, coalesce(sum(l.due), 0)::int8, coalesce(sum(l.paid), 0)::int8,
           coalesce(sum(l.missing), 0)::int8, coalesce(sum(l.whole), 0)::int8, coalesce(sum(l.part), 0)::int8, coalesce(sum(l.none), 0)::int8, null::int8
      from line l
    union all
    (select 0::int2, 0::int2, null::int8, null::int8, l.class, null::text, null::text, null::text, null::text,
            l.payers, l.charges, l.due, l.paid, l.missing, l.whole, l.part, l.none, null::int8
       from line l order by nullif(l.class, '') collate khop.vn nulls last limit 2000);
end $f$;
alter function khop.report_classes owner to khop_fn_org;
revoke all on function khop.report_classes from public;
comment on function khop.report_classes is 'Classes of an organisation with what they owe, as a report';
