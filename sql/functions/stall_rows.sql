-- The documents of stalls that the caller has already found to be his to see, in the order of the ids.
create or replace function khop.stall_rows(p_bucket int4, p_ids int8[]) returns setof khop.stall_row
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_material = off
set join_collapse_limit = 1
as $f$
begin
    return query
    select 0::int2, s.stall_id, s.name, s.place, s.account_id, a.bin, a.account_no, a.holder, s.charge_id, c.code_no, c.token, a.owner_id,
           khop.actor_name(a.owner_id), s.created_at, s.closed_at, o.name, null::text
      from unnest(p_ids) with ordinality i (stall_id, place)
      join lateral (select s.* from khop.stall s where s.bucket = p_bucket and s.stall_id = i.stall_id limit 1) s on true
      join lateral (select a.* from khop.account a where a.account_id = s.account_id limit 1) a on true
      join lateral (select o.* from khop.org o where o.org_id = s.org_id limit 1) o on true
      join lateral (select * from khop.stall_code(p_bucket, s.charge_id) c limit 1) c on true
     order by i.place;
end $f$;
alter function khop.stall_rows owner to khop_fn_org;
revoke all on function khop.stall_rows from public;
comment on function khop.stall_rows is 'Rows of the given stalls';
