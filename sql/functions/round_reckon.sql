-- Sets what the state pays against the lines of a draft, and its sums. Of a policy as much is set as its rate has left in the month of the round,
-- at most
-- what the covered items ask, and in no more months of a school year than it has. Rounds that were cancelled do not count.
create or replace function khop.round_reckon(p_bucket int4, p_round_id int8) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set join_collapse_limit = 1
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $f$
declare
    v_round khop.round;
    v_year date;
    v_policy record;
    v_place int2 := 30;
begin
    select * into v_round from khop.round r where r.bucket = p_bucket and r.round_id = p_round_id;
    v_year := make_date(extract(year from v_round.month)::int4 - case when extract(month from v_round.month) < 9 then 1 else 0 end, 9, 1);
    delete from khop.round_line l where l.bucket = p_bucket and l.round_id = p_round_id and l.policy is not null;
    for v_policy in
        select y.policy, y.label, y.covers, t.amount, t.months from khop.support_policy y
          join lateral (select t.* from khop.support_rate t where t.policy = y.policy and t.valid_from <= v_round.month
              and coalesce(t.valid_to >= v_round.month, true)
                         order by t.valid_from desc limit 1) t on true
         order by y.policy
    loop
        v_place := v_place + 1;
        insert into khop.round_line (bucket, round_id, payer_id, place, org_id, label, amount, policy)
        select p_bucket, p_round_id, p.payer_id, v_place, v_round.org_id, v_policy.label, -least(v_policy.amount - used.this_month, asks.amount),
            v_policy.policy
          from khop.round_payer p
          join lateral (
               select s.* from khop.payer_support s
                where s.bucket = p_bucket and s.payer_id = p.payer_id and s.policy = v_policy.policy
                    and s.valid_from < v_round.month + interval '1 month'
                  and coalesce(s.valid_to >= v_round.month, true) limit 1) s on true
          join lateral (
               select coalesce(-sum(l.amount) filter (where r.month = v_round.month), 0) as this_month,
                      count(distinct r.month) filter (where r.month <> v_round.month) as other_months
                 from khop.round_payer q
                 join lateral (select r.* from khop.round r where r.bucket = p_bucket and r.round_id = q.round_id limit 1) r on true
                 join khop.round_line l on l.bucket = p_bucket and l.round_id = q.round_id and l.payer_id = p.payer_id and l.policy = v_policy.policy
                where q.bucket = p_bucket and q.payer_id = p.payer_id and q.round_id <> p_round_id and r.state in ('proposed', 'approved')
                  and r.month >= v_year and r.month < v_year + interval '1 year') used on true
          join lateral (
               select greatest(sum(l.amount), 0)::int8 as amount from khop.round_line l
                 left join khop.round_item i on i.bucket = p_bucket and i.round_id = p_round_id and i.place = l.place
                 left join khop.support_policy o on o.policy = l.policy
                where l.bucket = p_bucket and l.round_id = p_round_id and l.payer_id = p.payer_id
                  and (v_policy.covers is null or coalesce(i.kind, o.covers) = v_policy.covers)) asks on true
         where p.bucket = p_bucket and p.round_id = p_round_id and used.other_months < v_policy.months + s.more_months
           and v_policy.amount > used.this_month and asks.amount > 0;
    end loop;
    update khop.round_payer p set amount = greatest((
               select coalesce(sum(l.amount), 0)::int8 from khop.round_line l
                where l.bucket = p_bucket and l.round_id = p_round_id and l.payer_id = p.payer_id), 0)
     where p.bucket = p_bucket and p.round_id = p_round_id;
    update khop.round r set payers = x.n, charges = x.charges, amount = x.amount
      from (select count(*)::int4 as n, (count(*) filter (where p.amount > 0))::int4 as charges, coalesce(sum(p.amount), 0)::int8 as amount
              from khop.round_payer p where p.bucket = p_bucket and p.round_id = p_round_id) x
     where r.bucket = p_bucket and r.round_id = p_round_id;
end $f$;
alter function khop.round_reckon owner to khop_fn_org;
revoke all on function khop.round_reckon from public;
comment on function khop.round_reckon is 'Sets what the state pays in a round, and its sums';
