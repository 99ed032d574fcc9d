-- The login step of pay pages: each unguessable token opens the organisation of its charge. The charges, at the places of their tokens; NULL
-- for a token that is nobody's.
create or replace function khop.enter_pay_pages(p_buckets int4[], p_tokens bytea[]) returns int8[]
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $f$
declare
    v_charges int8[];
    v_orgs int8[];
begin
    select array_agg(c.charge_id order by i.place), array_agg(distinct c.org_id) into v_charges, v_orgs
      from unnest(p_buckets, p_tokens) with ordinality i (bucket, token, place)
      left join lateral (select x.charge_id, x.org_id from khop.charge x where x.bucket = i.bucket and x.token = i.token limit 1) c on true;
    perform set_config('khop.orgs', coalesce(array_to_string(v_orgs, ','), ''), true);
    return v_charges;
end $f$;
alter function khop.enter_pay_pages owner to khop_owner;
revoke all on function khop.enter_pay_pages from public;
grant execute on function khop.enter_pay_pages to khop_fn_org;
comment on function khop.enter_pay_pages is 'Opens the organisations of pay pages for this transaction; their charges';
