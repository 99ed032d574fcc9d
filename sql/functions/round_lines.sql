-- What each pupil of a draft is asked, line by line: an amount of its own, else that of its class, else the item's; then what the state pays, and the
-- sums. Everything of a round is read at once and joined by hashing, as all of it is needed.
create or replace function khop.round_lines(p_bucket int4, p_round_id int8) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_custom_plan
set join_collapse_limit = 1
set jit = off
set enable_seqscan = off
set enable_nestloop = off
set enable_mergejoin = off
as $f$
begin
    delete from khop.round_line l where l.bucket = p_bucket and l.round_id = p_round_id;
    with item as materialized (select i.* from khop.round_item i where i.bucket = p_bucket and i.round_id = p_round_id),
    own as materialized (select a.* from khop.round_amount a where a.bucket = p_bucket and a.round_id = p_round_id)
    insert into khop.round_line (bucket, round_id, payer_id, place, org_id, label, amount)
    select p_bucket, p_round_id, x.payer_id, x.place, x.org_id, x.label, coalesce(o.amount, x.usual)
      from (select p.payer_id, i.place, p.org_id, i.label, coalesce((i.by_class ->> p.class)::int8, i.amount) as usual
              from khop.round_payer p cross join item i where p.bucket = p_bucket and p.round_id = p_round_id offset 0) x
      left join own o on o.payer_id = x.payer_id and o.place = x.place
     where coalesce(o.amount, x.usual) > 0;
    with item as materialized (select i.* from khop.round_item i where i.bucket = p_bucket and i.round_id = p_round_id),
    own as materialized (
        select a.payer_id, a.place, a.amount, coalesce((i.by_class ->> p.class)::int8, i.amount) as instead
          from (select a.* from khop.round_amount a where a.bucket = p_bucket and a.round_id = p_round_id offset 0) a
          join item i on i.place = a.place
          join (select p.payer_id, p.class from khop.round_payer p where p.bucket = p_bucket and p.round_id = p_round_id offset 0) p on p.payer_id = a.payer_id),
    counted as (
        update khop.round_item u set own_payers = x.payers, own_amount = x.amount, own_instead = x.instead, own_most = x.most
          from (select i.place, count(o.amount)::int4 as payers, coalesce(sum(o.amount), 0)::int8 as amount, coalesce(sum(o.instead), 0)::int8 as instead,
                       max(o.amount) as most
                  from item i left join own o on o.place = i.place group by i.place) x
         where u.bucket = p_bucket and u.round_id = p_round_id and u.place = x.place)
    update khop.round r set own_payers = (select count(distinct o.payer_id)::int4 from own o) where r.bucket = p_bucket and r.round_id = p_round_id;
    perform khop.round_reckon(p_bucket, p_round_id);
end $f$;
alter function khop.round_lines owner to khop_fn_org;
revoke all on function khop.round_lines from public;
comment on function khop.round_lines is 'What each pupil of a draft is asked';
