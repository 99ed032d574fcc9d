-- What a round asks for, without what was cancelled, and what of it has come; of a round that the caller has found to be its own.
create or replace function khop.round_paid(p_bucket int4, p_round_id int8, out amount int8, out paid int8)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $f$
begin
    select coalesce(sum(p.amount) filter (where not coalesce(d.cancelled, false)), 0)::int8, coalesce(sum(least(d.paid + d.adjusted, p.amount)), 0)::int8
      into amount, paid
      from khop.round_payer p
      left join lateral (select d.* from khop.charge_due d where d.bucket = p_bucket and d.code_no = p.code_no limit 1) d on true
     where p.bucket = p_bucket and p.round_id = p_round_id;
end $f$;
alter function khop.round_paid owner to khop_owner;
revoke all on function khop.round_paid from public;
grant execute on function khop.round_paid to khop_fn_org;
comment on function khop.round_paid is 'What of a round has come';
