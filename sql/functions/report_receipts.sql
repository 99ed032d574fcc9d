-- The register of receipts, by number: those whose money was booked on the days asked for. t1 payer, t2 label, t3 the bank's reference, t4 why it is
-- void; n1 year, n2 number, n3 day, n4 time of the payment, n5 code, n6 amount, n7 the amount of one that is void (n6 is empty then), n8 id.
-- Sums: n6, n7. The page goes on after (year, number).
create or replace function khop.report_receipts(p_bucket int4, p_org_id int8, p_from date, p_to date, p_after_year int8, p_after_no int8, p_limit int4)
returns setof khop.report_line
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
declare
    v_from constant int8 := khop.journal_from(p_bucket, p_org_id, p_from);
    v_to constant int8 := khop.journal_from(p_bucket, p_org_id, p_to + 1);
    v_sum khop.report_line;
    v_year int4;
    v_first int4;
    v_last int4;
    v_years int4[];
    v_firsts int4[];
    v_lasts int4[];
    v_left int4 := p_limit;
    v_n int4;
begin
    -- Numbers ascend with the journal, in each year's book.
    for v_year in select r.year from generate_series(extract(year from p_from)::int4 - 1, extract(year from p_to)::int4 + 1) y (year)
                    join lateral (select r.year from khop.receipt r where r.bucket = p_bucket and r.org_id = p_org_id and r.year = y.year limit 1) r on true
                   order by 1 loop
        v_first := khop.receipt_from(p_bucket, p_org_id, v_year, v_from);
        v_last := khop.receipt_from(p_bucket, p_org_id, v_year, v_to) - 1;
        if v_first <= v_last then
            v_years := v_years || v_year;
            v_firsts := v_firsts || v_first;
            v_lasts := v_lasts || v_last;
        end if;
    end loop;
    if p_after_year = 0 then
        v_sum.rc := 0;
        v_sum.what := 1;
        select coalesce(sum(x.amount) filter (where not x.void), 0)::int8, coalesce(sum(x.amount) filter (where x.void), 0)::int8 into v_sum.n6, v_sum.n7
          from unnest(v_years, v_firsts, v_lasts) b (year, first, last)
          join lateral (
               select r.amount, exists (select from khop.receipt_void v where v.bucket = p_bucket and v.org_id = p_org_id and v.year = r.year and v.no = r.no) as void
                 from khop.receipt r where r.bucket = p_bucket and r.org_id = p_org_id and r.year = b.year and r.no between b.first and b.last) x on true;
        return next v_sum;
    end if;
    for i in 1 .. coalesce(array_length(v_years, 1), 0) loop
        continue when v_years[i] < p_after_year or v_left <= 0;
        return query
        select 0::int2, 0::int2, t.receipt_year::int8, t.receipt_no::int8, p.name, c.label, t.reference, v.reason, null::text,
               t.receipt_year::int8, t.receipt_no::int8, (t.booked_on - date '1970-01-01')::int8, (extract(epoch from t.paid_at) * 1000000)::int8, t.code_no::int8,
               case when v.no is null then t.amount end, case when v.no is not null then t.amount end, t.event_id, null::int8
          from khop.transfer t
          left join lateral (select d.* from khop.charge_due d where d.bucket = p_bucket and d.code_no = t.code_no limit 1) d on true
          left join lateral (select c.* from khop.charge c where c.bucket = p_bucket and c.charge_id = d.charge_id limit 1) c on true
          left join lateral (select p.* from khop.party p where p.bucket = p_bucket and p.charge_id = d.charge_id and p.role = d.direction limit 1) p on true
          left join lateral (
               select v.* from khop.receipt_void v
                where v.bucket = p_bucket and v.org_id = p_org_id and v.year = t.receipt_year and v.no = t.receipt_no limit 1) v on true
         where t.bucket = p_bucket and t.org_id = p_org_id and t.receipt_year = v_years[i] and t.receipt_no <= v_lasts[i]
           and t.receipt_no >= case when v_years[i] = p_after_year then greatest(p_after_no + 1, v_firsts[i]) else v_firsts[i] end
         order by t.receipt_no limit v_left;
        get diagnostics v_n = row_count;
        v_left := v_left - v_n;
    end loop;
end $f$;
alter function khop.report_receipts owner to khop_fn_org;
revoke all on function khop.report_receipts from public;
comment on function khop.report_receipts is 'The register of receipts of an organisation, as a report';
