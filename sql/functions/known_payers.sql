-- Payers who have paid from the account from which the money of an exception came; empty when none has, or it is not known. For suggestions.
create or replace function khop.known_payers(p_bucket int4, p_org_id int8, p_exception_id int8) returns int8[]
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
begin
    return array(select k.payer_id
                   from (select a.hash from khop.payer_account a where a.bucket = p_bucket and a.exception_id = p_exception_id and a.org_id = p_org_id limit 1) a
                   join lateral (
                        select k.payer_id, k.seq from khop.known_account k where k.bucket = p_bucket and k.org_id = p_org_id and k.hash = a.hash
                         order by k.payer_id limit 5) k on not khop.event_reversed(p_bucket, p_org_id, k.seq));
end $f$;
alter function khop.known_payers owner to khop_fn_settle;
revoke all on function khop.known_payers from public;
grant execute on function khop.known_payers to khop_fn_org;
comment on function khop.known_payers is 'Payers who have paid from an account before';
