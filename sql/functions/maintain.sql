-- Daily housekeeping: partitions three months ahead; answers to repeated requests and deliveries to webhooks are kept for thirty days;
-- tries of passwords for a day, sessions and links for a year.
create or replace function khop.maintain(p_now timestamptz) returns table (partitions_made int4, keys_pruned int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
begin
    partitions_made := khop.partitions_make((p_now at time zone interval '7 hours')::date);
    delete from khop.idempotency i where i.created_at < p_now - interval '30 days';
    get diagnostics keys_pruned = row_count;
    -- Tries that are forgotten anyway; sessions and links a year after they have ended (security.md §10).
    delete from khop.login_budget b where b.next_at < p_now - interval '1 day' and b.since < p_now - interval '1 day';
    delete from khop.session s where s.expires_at < p_now - interval '1 year';
    delete from khop.invitation i where i.expires_at < p_now - interval '1 year';
    perform khop.delivery_prune(p_now);
    return next;
end $f$;
alter function khop.maintain owner to khop_owner;
revoke all on function khop.maintain from public;
grant execute on function khop.maintain to khop_jobs;
comment on function khop.maintain is 'Daily housekeeping: partitions ahead, old idempotency keys';
