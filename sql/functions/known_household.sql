-- The one household whose payers have paid from an account before, or NULL: nobody has, or payers of several households. A payment that has been reversed since teaches
-- nothing.
create or replace function khop.known_household(p_bucket int4, p_org_id int8, p_hash bytea) returns int8[]
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
declare
    v_payers int8[];
    v_household int8[];
begin
    v_payers := array(select k.payer_id from khop.known_account k
                       where k.bucket = p_bucket and k.org_id = p_org_id and k.hash = p_hash and not khop.event_reversed(p_bucket, p_org_id, k.seq)
                       order by k.payer_id limit 65);
    v_household := khop.household(p_bucket, p_org_id, v_payers[1]);
    return case when cardinality(v_payers) > 0 and v_payers <@ v_household then v_household end;
end $f$;
alter function khop.known_household owner to khop_fn_settle;
revoke all on function khop.known_household from public;
comment on function khop.known_household is 'The one household that has paid from an account before';
