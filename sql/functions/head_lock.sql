-- Every writer of an organisation's books takes this first (ledger.md §3); cancelling a code is one: money may be on its way to it.
create or replace function khop.head_lock(p_bucket int4, p_org_id int8) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
begin
    perform 1 from khop.org_head h where h.bucket = p_bucket and h.org_id = p_org_id for no key update;
end $f$;
alter function khop.head_lock owner to khop_fn_settle;
revoke all on function khop.head_lock from public;
grant execute on function khop.head_lock to khop_fn_org;
comment on function khop.head_lock is 'Locks the books of an organisation until the end of the transaction';
