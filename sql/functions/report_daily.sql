-- Days and receiving accounts on which money moved: t1 name of the account; n1 day, n2 balance before, n3 times and n4 money in, n5 times and n6
-- money out, n7 balance after, n8 what of both was settled, n9 what went to suspense. n2 + n4 - n6 = n7, n4 + n6 = n8 + n9 + what people booked.
-- Sums: n3 to n6, n8, n9. The page goes on after (day, account). Read from day_total.
create or replace function khop.report_daily(p_bucket int4, p_org_id int8, p_from date, p_to date, p_after_day int8, p_after_account int8, p_limit int4)
returns setof khop.report_line
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $f$
declare
    v_sum khop.report_line;
begin
    if p_after_day = 0 then
        v_sum.rc := 0;
        v_sum.what := 1;
        select coalesce(sum(x.n) filter (where x.comes), 0), coalesce(sum(x.amount) filter (where x.comes), 0), coalesce(sum(x.n) filter (where not x.comes), 0),
               coalesce(sum(x.amount) filter (where not x.comes), 0), coalesce(sum(x.amount) filter (where x.other in (131, 3318)), 0),
               coalesce(sum(x.amount) filter (where x.other in (1388, 3388)), 0)
          into v_sum.n3, v_sum.n4, v_sum.n5, v_sum.n6, v_sum.n8, v_sum.n9
          from khop.report_bank_sides(p_bucket, p_org_id, p_from, p_to) x;
        return next v_sum;
    end if;
    return query
    select 0::int2, 0::int2, l.day_no, l.account::int8, c.name, null::text, null::text, null::text, null::text,
           l.day_no, l.after - l.in_amount + l.out_amount, l.in_n, l.in_amount, l.out_n, l.out_amount, l.after, l.settled, l.waits
      from (select d.*, (coalesce(b.amount, 0) + sum(d.in_amount - d.out_amount) over (partition by d.account order by d.day_no))::int8 as after
              from (select (x.day - date '1970-01-01')::int8 as day_no, x.account, coalesce(sum(x.n) filter (where x.comes), 0)::int8 as in_n,
                           coalesce(sum(x.amount) filter (where x.comes), 0)::int8 as in_amount, coalesce(sum(x.n) filter (where not x.comes), 0)::int8 as out_n,
                           coalesce(sum(x.amount) filter (where not x.comes), 0)::int8 as out_amount,
                           coalesce(sum(x.amount) filter (where x.other in (131, 3318)), 0)::int8 as settled,
                           coalesce(sum(x.amount) filter (where x.other in (1388, 3388)), 0)::int8 as waits
                      from khop.report_bank_sides(p_bucket, p_org_id, p_from, p_to) x group by x.day, x.account) d
              left join (select x.account, sum(case when x.comes then x.amount else -x.amount end)::int8 as amount
                           from khop.report_bank_sides(p_bucket, p_org_id, '-infinity', p_from - 1) x group by x.account) b on b.account = d.account) l
      left join khop.chart c on c.org_id = p_org_id and c.account = l.account
     where (l.day_no, l.account) > (p_after_day, p_after_account)
     order by l.day_no, l.account limit p_limit;
end $f$;
alter function khop.report_daily owner to khop_fn_org;
revoke all on function khop.report_daily from public;
comment on function khop.report_daily is 'Money of an organisation by day and receiving account, as a report';
