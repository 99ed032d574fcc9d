-- Every writer of an organisation's books takes this first, in this order (ledger.md §3): the head of the bucket, which gives ids, then the
-- head of the organisation. What is read after it is what earlier writers committed, and stays so until this transaction ends.
create or replace function khop.book_lock(p_bucket int4, p_org_id int8) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
begin
    insert into khop.bucket_head (bucket, next_id) values (p_bucket, (p_bucket::int8 << 48) + 1) on conflict do nothing;
    perform 1 from khop.bucket_head b where b.bucket = p_bucket for no key update;
    perform 1 from khop.org_head h where h.bucket = p_bucket and h.org_id = p_org_id for no key update;
end $f$;
alter function khop.book_lock owner to khop_fn_settle;
revoke all on function khop.book_lock from public;
grant execute on function khop.book_lock to khop_fn_org, khop_owner;
comment on function khop.book_lock is 'Locks the books of an organisation for writing, with the ids of its bucket';
