-- Up to this many đồng one person alone corrects in this organisation what the bank contradicts; above it, and always when the event stands on a closed day, a second
-- person agrees (ledger.md §6.8).
create or replace function khop.alone_limit(p_bucket int4, p_org_id int8) returns int8
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
begin
    return coalesce((select a.amount from khop.alone_limit a where a.bucket = p_bucket and a.org_id = p_org_id), 5000000);
end $f$;
alter function khop.alone_limit owner to khop_fn_settle;
revoke all on function khop.alone_limit from public;
grant execute on function khop.alone_limit to khop_fn_org;
comment on function khop.alone_limit is 'Up to this sum one person alone corrects what the bank contradicts';
