-- Accounts of the books with what moved on the days asked for: t1 account, t2 its name; debit and credit of n1, n2 the balance before, n3, n4 the
-- movements, n5, n6 the balance after. Details of an account (1121…) come by number. Sums: all. All at once.
-- Read from day_total, whatever kinds of rows the journal has.
create or replace function khop.report_balances(p_bucket int4, p_org_id int8, p_from date, p_to date) returns setof khop.report_line
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $f$
begin
    return query
    with moved as (
        select x.account, coalesce(sum(x.dr - x.cr) filter (where x.day < p_from), 0)::int8 as before,
               coalesce(sum(x.dr) filter (where x.day >= p_from), 0)::int8 as dr, coalesce(sum(x.cr) filter (where x.day >= p_from), 0)::int8 as cr
          from (select s.day, a.account, a.dr, a.cr
                  from khop.day_total s cross join lateral (values (s.debit, s.amount, 0::int8), (s.credit, 0::int8, s.amount)) a (account, dr, cr)
                 where s.bucket = p_bucket and s.org_id = p_org_id and s.day <= p_to) x
         group by x.account),
    line as (
        select m.account::text as account, m.account as no, c.name, greatest(m.before, 0) as b_dr, greatest(-m.before, 0) as b_cr, m.dr, m.cr,
               greatest(m.before + m.dr - m.cr, 0) as a_dr, greatest(m.cr - m.before - m.dr, 0) as a_cr
          from moved m left join khop.chart c on c.org_id = p_org_id and c.account = m.account)
    select 0::int2, 1::int2, null::int8, null::int8, null::text, null::text, null::text, null::text, null::text,
           coalesce(sum(l.b_dr), 0)::int8, coalesce(sum(l.b_cr), 0)::int8, coalesce(sum(l.dr), 0)::int8, coalesce(sum(l.cr), 0)::int8,
           coalesce(sum(l.a_dr), 0)::int8, coalesce(sum(l.a_cr), 0)::int8, null::int8, null::int8, null::int8
      from line l
    union all
    (select 0::int2, 0::int2, null::int8, null::int8, l.account, l.name, null::text, null::text, null::text,
            l.b_dr, l.b_cr, l.dr, l.cr, l.a_dr, l.a_cr, null::int8, null::int8, null::int8
       from line l order by left(l.account, 4) collate "C", l.no);
end $f$;
alter function khop.report_balances owner to khop_fn_org;
revoke all on function khop.report_balances from public;
comment on function khop.report_balances is 'The trial balance of an organisation, as a report';
