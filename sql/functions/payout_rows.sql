-- Lines of a payout list behind a place, with what has become of each. For functions that have found the list to be their caller's.
-- `next`: the list that a line left unpaid was carried over to.
create or replace function khop.payout_rows(p_bucket int4, p_payout_id int8, p_state text, p_after int4, p_limit int4)
returns table (place int4, source_row int4, name text, birth_on date, amount int8, bin text, account_no text, holder text, payee text, payee_until date,
    from_payout int8, from_place int4, warnings text[], code_no int4, charge_id int8, got int8, state text, last_paid_at timestamptz, token bytea, next int8)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_sort = off
as $f$
#variable_conflict use_column
begin
    return query
    select l.place, l.source_row, l.name, l.birth_on, l.amount, l.bin, l.account_no, l.holder, l.payee, l.payee_until, l.from_payout, l.from_place,
           l.warnings, l.code_no, d.charge_id, coalesce(d.paid + d.adjusted, 0), s.state, d.last_paid_at, c.token, n.payout_id
      from khop.payout_line l
      left join lateral (select d.* from khop.charge_due d where d.bucket = p_bucket and d.code_no = l.code_no limit 1) d on true
      left join lateral (select c.* from khop.charge c where c.bucket = p_bucket and c.charge_id = d.charge_id limit 1) c on true
      left join lateral (
           select x.payout_id from khop.payout_line x where x.bucket = p_bucket and x.from_payout = l.payout_id and x.from_place = l.place limit 1) n on true
     cross join lateral (select khop.payout_state(l.code_no, l.amount, coalesce(d.paid, 0), coalesce(d.adjusted, 0), coalesce(d.cancelled, false),
           n.payout_id is not null) as state) s
     where l.bucket = p_bucket and l.payout_id = p_payout_id and l.place > p_after and (p_state is null or s.state = p_state)
     order by l.place limit p_limit;
end
$f$;
alter function khop.payout_rows owner to khop_fn_org;
revoke all on function khop.payout_rows from public;
comment on function khop.payout_rows is 'Lines of a payout list';
