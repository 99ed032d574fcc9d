-- How far the follower is behind: transfers that it has not seen, and when the oldest of them was booked.
create or replace function khop.sign_state() returns table (waiting int8, oldest timestamptz)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set join_collapse_limit = 1
as $f$
begin
    return query
    select coalesce(sum(h.next_seq - coalesce(x.next_seq, 1)), 0)::int8, min(t.recorded_at)
      from khop.org_head h
      left join lateral (
           select x.next_seq from khop.outbox x where x.bucket = h.bucket and x.org_id = h.org_id and x.topic = 2 limit 1) x on true
      join lateral (
           select t.recorded_at from khop.transfer t where t.bucket = h.bucket and t.org_id = h.org_id and t.seq = coalesce(x.next_seq, 1) limit 1) t on true
     where h.next_seq > coalesce(x.next_seq, 1);
end $f$;
alter function khop.sign_state owner to khop_fn_settle;
revoke all on function khop.sign_state from public;
grant execute on function khop.sign_state to khop_serve;
comment on function khop.sign_state is 'How far the signing of receipts is behind';
