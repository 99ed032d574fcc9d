-- What earlier lists of an organisation left unpaid before a month: never paid, or come back, and in no later list yet.
create or replace function khop.payout_unpaid(p_bucket int4, p_org_id int8, p_month date)
returns table (payout_id int8, place int4, amount int8)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $f$
#variable_conflict use_column
declare
    v_since constant date := p_month - interval '24 months'; -- row level security looks for no timestamp in an index of dates
begin
    return query
    select l.payout_id, l.place, l.amount
      from (select p.* from khop.payout p
             where p.bucket = p_bucket and p.org_id = p_org_id and p.month < p_month and p.month >= v_since and p.state = 'approved'
             order by p.month, p.payout_id limit 200) p
      join khop.payout_line l on l.bucket = p_bucket and l.payout_id = p.payout_id and l.code_no is not null
      join lateral (select d.* from khop.charge_due d where d.bucket = p_bucket and d.code_no = l.code_no limit 1) d on d.paid + d.adjusted = 0
     where not exists (select from khop.payout_line x where x.bucket = p_bucket and x.from_payout = l.payout_id and x.from_place = l.place)
     order by p.month, l.payout_id, l.place;
end
$f$;
alter function khop.payout_unpaid owner to khop_fn_org;
revoke all on function khop.payout_unpaid from public;
comment on function khop.payout_unpaid is 'Lines of earlier lists that were left unpaid';
