-- Uses the credit of payers for what they owe now, oldest due first: called by whoever issues charges to payers, at the end of the same
-- transaction. What it cannot use stays credit. One decision, with a row for every charge that it pays; rc as khop.book answers.
create or replace function khop.credit_use(p_bucket int4, p_org_id int8, p_now timestamptz, p_payers int8[]) returns int2
language plpgsql volatile security definer
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
declare
    v_rich int8[];
    d record;
    b record;
begin
    -- Nearly nobody has credit: asked before anything is locked, and again after.
    select array_agg(c.payer_id order by c.payer_id) into v_rich
      from (select distinct p.payer_id from unnest(p_payers) p (payer_id)) p
      join lateral (select c.* from khop.credit c where c.bucket = p_bucket and c.payer_id = p.payer_id limit 1) c on c.amount > 0 and c.org_id = p_org_id;
    if v_rich is null then
        return 0;
    end if;
    perform khop.book_lock(p_bucket, p_org_id);
    -- A payer's credit is the range from 0, its charges in order are ranges behind one another: each part is their overlap (ledger.md §4).
    select array_agg(o.payer_id order by o.payer_id, o.place) as payer, array_agg(o.code_no order by o.payer_id, o.place) as code,
           array_agg(o.part order by o.payer_id, o.place) as part, count(*)::int4 as n,
           jsonb_agg(distinct jsonb_build_object('payer', o.payer_id, 'credit', o.amount)) as credit
      into d
      from (select c.payer_id, c.amount, o.code_no, o.place,
                   least(o.rest, c.amount - coalesce(sum(o.rest) over before, 0))::int8 as part
              from unnest(v_rich) p (payer_id)
              join lateral (select c.* from khop.credit c where c.bucket = p_bucket and c.payer_id = p.payer_id limit 1) c on true
              join lateral (select * from khop.charge_open(p_bucket, p_org_id, array[p.payer_id], p_now, 256)) o on true
            window before as (partition by c.payer_id order by o.place rows between unbounded preceding and 1 preceding)) o
     where o.part > 0;
    if d.n = 0 then
        return 0;
    end if;
    select * into b from khop.book(p_bucket, p_org_id, p_now, null, 'credit_use', 'credit_oldest_first', 1::int2, null, null, null, null,
        jsonb_build_object('credits', d.credit), array_fill(5::int2, array[d.n]), array_fill(null::int4, array[d.n]), d.part, array_fill(null::int8, array[d.n]), d.code,
        d.payer, array_fill(null::int4, array[d.n]), array_fill(null::bytea, array[d.n]));
    return b.rc;
end $f$;
alter function khop.credit_use owner to khop_fn_settle;
revoke all on function khop.credit_use from public;
grant execute on function khop.credit_use to khop_fn_org, khop_owner;
comment on function khop.credit_use is 'Uses the credit of payers for what they owe';
