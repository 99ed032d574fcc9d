-- Readiness: may this session write, and how many months after the current one have their partitions.
create or replace function khop.ready(p_now timestamptz) returns table (writable bool, partitions_ahead int4)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
begin
    writable := not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off';
    select coalesce(min(m.ahead), 25) - 1 into partitions_ahead
      from generate_series(0, 24) m (ahead)
     where to_regclass('khop.notice_' || to_char((p_now at time zone interval '7 hours') + make_interval(months => m.ahead), 'YYYYMM')) is null;
    return next;
end $f$;
alter function khop.ready owner to khop_owner;
revoke all on function khop.ready from public;
grant execute on function khop.ready to khop_serve, khop_jobs;
comment on function khop.ready is 'Can money be settled here and now';
