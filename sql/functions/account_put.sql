-- What account_next gave has been read: a_hash per event, NULL where a notice names no account. Moves the cursor on, unless somebody else has (rc -5).
create or replace function khop.account_put(p_now timestamptz, p_bucket int4, p_org_id int8, p_from int8, p_to int8, a_seq int8[], a_hash bytea[], a_sure bool[])
returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
begin
    perform khop.book_lock(p_bucket, p_org_id);
    insert into khop.outbox (bucket, topic, org_id, next_seq) values (p_bucket, 4, p_org_id, 1) on conflict do nothing;
    update khop.outbox o set next_seq = p_to where o.bucket = p_bucket and o.org_id = p_org_id and o.topic = 4 and o.next_seq = p_from;
    rc := case when found then 0 else -5 end;
    if rc = 0 then
        perform khop.account_learn(p_bucket, p_org_id, p_now, a_seq, a_hash, a_sure);
    end if;
    return next;
end $f$;
alter function khop.account_put owner to khop_fn_settle;
revoke all on function khop.account_put from public;
grant execute on function khop.account_put to khop_jobs;
comment on function khop.account_put is 'Keeps from which accounts events came';
