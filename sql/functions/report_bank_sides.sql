-- The sums of days in which a receiving account has a side: whether money comes, and which account is on the other side. Money that a reversal takes out
-- again did not come: bank_moves.
create or replace function khop.report_bank_sides(p_bucket int4, p_org_id int8, p_from date, p_to date)
returns table (day date, account int4, comes bool, other int4, n int8, amount int8)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
begin
    return query
    select s.day, a.account, a.comes = khop.bank_moves(a.comes, a.other), a.other, case when khop.bank_moves(a.comes, a.other) then s.n else 0 end,
           case when khop.bank_moves(a.comes, a.other) then s.amount else - s.amount end
      from khop.day_total s cross join lateral (values (s.debit, true, s.credit), (s.credit, false, s.debit)) a (account, comes, other)
     where s.bucket = p_bucket and s.org_id = p_org_id and s.day between p_from and p_to and khop.is_bank(a.account);
end $f$;
alter function khop.report_bank_sides owner to khop_fn_org;
revoke all on function khop.report_bank_sides from public;
comment on function khop.report_bank_sides is 'What moved on receiving accounts, by day and other side';
