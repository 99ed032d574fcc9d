-- The payers of an organisation that references name, in their order; NULL where there is none. Also one that has left the list: what it owes,
-- and what is its own, stays. For callers that have logged in.
create or replace function khop.payer_of(p_bucket int4, p_org_id int8, p_refs text[]) returns int8[]
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_sort = off
as $f$
begin
    -- Who keeps no list of payers is not asked for each reference.
    if not exists (select 1 from (select p.payer_id from khop.payer p where p.bucket = p_bucket and p.org_id = p_org_id limit 1) p) then
        return null;
    end if;
    -- A range of one, in an order that only the index of references has; without its end a page of references would be read for each.
    return array(
        select p.payer_id
          from unnest(p_refs) with ordinality r (ref, place)
          left join lateral (
               select p.payer_id from khop.payer p
                where p.bucket = p_bucket and p.org_id = p_org_id and p.ref collate "C" between r.ref and r.ref
                order by p.ref collate "C" limit 1) p on true
         order by r.place);
end $f$;
alter function khop.payer_of owner to khop_fn_org;
revoke all on function khop.payer_of from public;
comment on function khop.payer_of is 'Payers by the references of their organisation';
