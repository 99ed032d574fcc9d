-- The days of every organisation, for whoever answers for all of them: money in and out, and how much of it paid charges. Two
-- key ranges for each organisation, however many settlements they sum up.
create or replace function khop.report_organisations(p_from date, p_to date)
returns table (org_id int8, code text, name text, day date, n_in int8, amount_in int8, n_out int8, amount_out int8, settled_n int8, settled_amount int8)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $f$
#variable_conflict use_column
begin
    return query
    select o.org_id, o.code, o.name, s.day,
           coalesce(sum(s.n) filter (where khop.is_bank(s.debit) and khop.bank_moves(true, s.credit)), 0)::int8,
           coalesce(sum(s.amount) filter (where khop.is_bank(s.debit) and khop.bank_moves(true, s.credit)), 0)::int8
               - coalesce(sum(s.amount) filter (where khop.is_bank(s.credit) and not khop.bank_moves(false, s.debit)), 0)::int8,
           coalesce(sum(s.n) filter (where khop.is_bank(s.credit) and khop.bank_moves(false, s.debit)), 0)::int8,
           coalesce(sum(s.amount) filter (where khop.is_bank(s.credit) and khop.bank_moves(false, s.debit)), 0)::int8
               - coalesce(sum(s.amount) filter (where khop.is_bank(s.debit) and not khop.bank_moves(true, s.credit)), 0)::int8,
           coalesce(sum(s.n) filter (where s.credit = 131 or s.debit = 3318), 0)::int8,
           coalesce(sum(s.amount) filter (where s.credit = 131 or s.debit = 3318), 0)::int8
      from khop.org o
      join khop.day_total s on s.bucket = o.bucket and s.org_id = o.org_id and s.day between p_from and p_to
     group by o.org_id, s.day order by o.org_id, s.day;
end $f$;
alter function khop.report_organisations owner to khop_owner;
revoke all on function khop.report_organisations from public;
comment on function khop.report_organisations is 'Money of every organisation by day';
