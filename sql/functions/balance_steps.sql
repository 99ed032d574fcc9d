-- What rows of an organisation's journal say about the running balances of its accounts: each event with a balance is a step from one to the next (change 1 where it
-- ends, -1 where it begins), the reversal of one takes both back. Rows from p_from up to p_to, this one not among them; reversals of events before p_first say nothing.
create or replace function khop.balance_steps(p_bucket int4, p_org_id int8, p_first int8, p_from int8, p_to int8)
returns table (account_id int8, balance int8, change int4, seq int8, at timestamptz)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set join_collapse_limit = 1
as $f$
#variable_conflict use_column
begin
    return query
    select e.account_id, case s.ends when 1 then e.balance_after else e.balance_after - e.signed end, s.ends * e.sign, e.seq, e.paid_at
      from (select case when t.kind = 7 then -1 else 1 end as sign, coalesce(y.account_id, t.account_id) as account_id, coalesce(y.seq, t.seq) as seq,
                   case when t.kind = 7 then y.balance_after else t.balance_after end as balance_after,
                   case coalesce(y.direction, t.direction) when 1 then t.amount else - t.amount end as signed, coalesce(y.paid_at, t.paid_at) as paid_at
              from khop.transfer t
              left join lateral (
                   select y.* from khop.transfer y
                    where t.kind = 7 and y.bucket = p_bucket and y.org_id = p_org_id and y.seq = t.of_seq and y.kind <= 2 and y.seq >= p_first limit 1) y on true
             where t.bucket = p_bucket and t.org_id = p_org_id and t.seq >= p_from and t.seq < p_to and (t.kind <= 2 or t.kind = 7)) e
     cross join (values (1), (-1)) s (ends)
     where e.balance_after is not null;
end $f$;
alter function khop.balance_steps owner to khop_fn_settle;
revoke all on function khop.balance_steps from public;
grant execute on function khop.balance_steps to khop_owner;
comment on function khop.balance_steps is 'What the journal says about running balances';
