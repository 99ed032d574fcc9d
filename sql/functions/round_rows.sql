-- Rows of a round behind a place: who, how much, what has come. p_own: only who has an amount of their own (or has none), or NULL. For functions
-- that have found the round to be their caller's.
create or replace function khop.round_rows(p_bucket int4, p_round_id int8, p_class text, p_state text, p_own bool, p_after int4, p_limit int4)
returns table (place int4, payer_id int8, ref text, name text, class text, amount int8, got int8, state text, code_no int4, charge_id int8,
    token bytea,
    last_paid_at timestamptz, lines jsonb, own bool)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set join_collapse_limit = 1
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
    select p.place, p.payer_id, y.ref, y.name, p.class, p.amount, coalesce(d.paid + d.adjusted, 0), s.state, p.code_no, d.charge_id, c.token,
        d.last_paid_at,
           (select jsonb_agg(jsonb_build_array(l.label, l.amount) order by l.place) from khop.round_line l
             where l.bucket = p_bucket and l.round_id = p_round_id and l.payer_id = p.payer_id), o.own
      from khop.round_payer p
      join lateral (select y.* from khop.payer y where y.bucket = p_bucket and y.payer_id = p.payer_id limit 1) y on true
      left join lateral (select d.* from khop.charge_due d where d.bucket = p_bucket and d.code_no = p.code_no limit 1) d on true
      left join lateral (select c.* from khop.charge c where c.bucket = p_bucket and c.charge_id = d.charge_id limit 1) c on true
     cross join lateral (
           select case when p.amount = 0 then 'free' when d.cancelled then 'cancelled' when coalesce(d.paid + d.adjusted, 0) = 0 then 'open'
                       when d.paid + d.adjusted < p.amount then 'part' else 'paid' end as state) s
     cross join lateral (select exists (
           select 1 from khop.round_amount a
             join khop.round_item i on i.bucket = p_bucket and i.round_id = p_round_id and i.place = a.place
            where a.bucket = p_bucket and a.round_id = p_round_id and a.payer_id = p.payer_id) as own) o
     where p.bucket = p_bucket and p.round_id = p_round_id and p.place > p_after and (p_class is null or p.class = p_class)
         and (p_state is null or s.state = p_state) and (p_own is null or o.own = p_own)
     order by p.place limit p_limit;
end $f$;
alter function khop.round_rows owner to khop_owner;
revoke all on function khop.round_rows from public;
grant execute on function khop.round_rows to khop_fn_org;
comment on function khop.round_rows is 'Rows of a round';
