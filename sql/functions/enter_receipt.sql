-- The login step of a public receipt: its unguessable rid opens the organisation that gave it. NULLs when there is none.
create or replace function khop.enter_receipt(p_bucket int4, p_rid bytea, out org_id int8, out seq int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
begin
    select r.org_id, r.seq into org_id, seq from khop.receipt r where r.bucket = p_bucket and r.rid = p_rid;
    perform set_config('khop.orgs', coalesce(org_id::text, ''), true);
end $f$;
alter function khop.enter_receipt owner to khop_owner;
revoke all on function khop.enter_receipt from public;
grant execute on function khop.enter_receipt to khop_fn_org;
comment on function khop.enter_receipt is 'Opens the organisation of a public receipt for this transaction; the transfer that gave it, or NULL';
