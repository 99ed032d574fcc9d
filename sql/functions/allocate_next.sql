-- The oldest money that a rule has yet to try, with what the rule decides on: several_charges, the open charges of the household in the order in which they
-- are due (a row each, one with charge_no NULL without any); no_code, those on the receiving account of the one household that has paid from the payer's account
-- before; or money that came in for a payout. Open as the payer's bank saw it: not
-- cancelled, not expired when it was paid. Household: payers of the organisation that share the text, or the payer alone.
create or replace function khop.allocate_next()
returns table (bucket int4, exception_id int8, reason text, held int8, code_no int4, payer_id int8, paid int8, charge_no int4, charge_payer int8, rest int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_material = off
set join_collapse_limit = 1
as $f$
#variable_conflict use_column
declare
    x khop.exception;
    v_payer khop.payer;
    v_paid int8;
    v_last int8;
    v_paid_at timestamptz;
    v_household int8[];
begin
    select * into x from khop.exception e where e.pending order by e.bucket, e.exception_id limit 1;
    if x.exception_id is null then
        return;
    end if;
    select d.paid + d.adjusted, d.last_seq into v_paid, v_last from khop.charge_due d where d.bucket = x.bucket and d.code_no = x.code_no;
    select t.paid_at into v_paid_at from khop.transfer t where t.bucket = x.bucket and t.org_id = x.org_id and t.seq = x.seq;
    if x.reason = 'out_of_direction' and not exists (
        select from khop.transfer t
         where t.bucket = x.bucket and t.org_id = x.org_id and t.seq = v_last and (t.paid_at, t.seq) < (v_paid_at, x.seq)) then
        v_paid := 0; -- it came before the payout was paid: it is not that money back
    end if;
    select p.* into v_payer
      from (select c.payer_id from khop.charge c where c.bucket = x.bucket and c.charge_id = x.charge_id limit 1) c
      join lateral (select p.* from khop.payer p where p.bucket = x.bucket and p.payer_id = c.payer_id limit 1) p on true;
    if x.reason = 'no_code' then
        select khop.known_household(x.bucket, x.org_id, a.hash) into v_household
          from khop.payer_account a where a.bucket = x.bucket and a.exception_id = x.exception_id and a.sure;
        v_payer.payer_id := v_household[1];
    else
        v_household := khop.household(x.bucket, x.org_id, v_payer.payer_id);
    end if;
    return query
    select x.bucket, x.exception_id, x.reason, x.held, x.code_no, v_payer.payer_id, v_paid, o.code_no, o.payer_id, o.rest
      from (select 1) one
      left join lateral (
           select o.* from khop.charge_open(x.bucket, x.org_id, v_household, v_paid_at, 257) o
             join lateral (select d.account_id from khop.charge_due d where d.bucket = x.bucket and d.code_no = o.code_no limit 1) d
               on x.reason = 'several_charges' or d.account_id = x.account_id
            where x.reason in ('several_charges', 'no_code')) o on true
     order by o.place;
end $f$;
alter function khop.allocate_next owner to khop_fn_settle;
revoke all on function khop.allocate_next from public;
grant execute on function khop.allocate_next to khop_jobs;
comment on function khop.allocate_next is 'The oldest money that a rule has yet to try, with what it decides on';
