-- Keeps a notice that is authentic but books nothing (security.md §2) and opens one exception; idempotent by (account, provider, body).
-- rc -1: the reason is not one for a held notice, -4: no such account or connection.
create or replace function khop.notice_hold(p_account int8, p_now timestamptz, p_notice_id int8, p_connection int8, p_body bytea,
    p_body_hash bytea, p_reason text, p_ext_id text, p_exception_id int8)
returns table (rc int2, repeated bool)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
declare
    v_today constant date := (p_now at time zone interval '7 hours')::date;
    v_connection khop.connection;
begin
    repeated := false;
    select c.* into v_connection from khop.connection c where c.connection_id = p_connection and c.account_id = p_account;
    rc := case when v_connection.connection_id is null then -4
               when p_reason not in ('unreadable_notice', 'wrong_account') then -1
               else 0 end;
    if rc = 0 then
        perform khop.partitions_ensure(v_today);
        insert into khop.notice_key (bucket, account_id, provider, purpose, key, org_id)
        values (v_connection.bucket, p_account, v_connection.provider, 1, p_body_hash, v_connection.org_id)
        on conflict do nothing;
        repeated := not found;
    end if;
    if rc = 0 and not repeated then
        insert into khop.notice (bucket, received_on, notice_id, account_id, connection_id, received_at, body, body_hash)
        values (v_connection.bucket, v_today, p_notice_id, p_account, p_connection, p_now, p_body, p_body_hash);
        insert into khop.exception (bucket, exception_id, org_id, account_id, provider, reason, ext_id, notice_id, opened_at)
        values (v_connection.bucket, p_exception_id, v_connection.org_id, p_account, v_connection.provider, p_reason, p_ext_id, p_notice_id, p_now);
    end if;
    return next;
end $f$;
alter function khop.notice_hold owner to khop_fn_settle;
revoke all on function khop.notice_hold from public;
grant execute on function khop.notice_hold to khop_serve, khop_jobs;
comment on function khop.notice_hold is 'Keeps an authentic but unusable notice and opens one exception';
