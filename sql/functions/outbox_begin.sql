-- From here on the journal of an organisation is passed on under this topic; where it has begun already, nothing changes.
create or replace function khop.outbox_begin(p_bucket int4, p_org_id int8, p_topic int2) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
begin
    insert into khop.outbox (bucket, topic, org_id, next_seq)
    select h.bucket, p_topic, h.org_id, h.next_seq from khop.org_head h where h.bucket = p_bucket and h.org_id = p_org_id
    on conflict do nothing;
end $f$;
alter function khop.outbox_begin owner to khop_fn_settle;
revoke all on function khop.outbox_begin from public;
grant execute on function khop.outbox_begin to khop_fn_org;
comment on function khop.outbox_begin is 'Begins a topic of the outbox at the end of the journal';
