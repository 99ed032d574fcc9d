-- Days of the token's organisation: what came in and went out on each receiving account, and how much of it paid charges; the rest
-- is in suspense. Read from day_total, a few rows a day, however many settlements they sum up.
create or replace function khop.report_days(p_token bytea, p_now timestamptz, p_from date, p_to date)
returns table (rc int2, day date, account int4, direction int2, n int8, amount int8, settled_n int8, settled_amount int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_login record;
begin
    select * into v_login from khop.login(p_token, p_now, 1 | 4);
    if v_login.rc <> 0 then
        rc := v_login.rc;
        return next;
        return;
    end if;
    return query
    select 0::int2, x.day, x.account, x.direction, sum(x.n)::int8, sum(x.amount)::int8, coalesce(sum(x.n) filter (where x.settled), 0)::int8,
           coalesce(sum(x.amount) filter (where x.settled), 0)::int8
      from (select b.day, b.n, b.amount, b.account, case when b.comes then 1 else 2 end::int2 as direction, b.other in (131, 3318) as settled
              from khop.report_bank_sides(v_login.bucket, v_login.org_id, p_from, p_to) b) x
     group by x.day, x.account, x.direction order by x.day, x.account, x.direction;
end $f$;
alter function khop.report_days owner to khop_fn_org;
revoke all on function khop.report_days from public;
comment on function khop.report_days is 'Money of an organisation by day, account and direction';
