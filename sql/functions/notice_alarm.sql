-- Writes down that an account's notices come with a right signature and a wrong time: for whoever looks for money that never came.
create or replace function khop.notice_alarm(p_account_id int8, p_now timestamptz, p_connection text) returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
declare
    v_account khop.account;
begin
    select * into strict v_account from khop.account a where a.account_id = p_account_id;
    perform khop.audit_put(v_account.bucket, v_account.org_id, p_now, null, null, null, null, 'notice.stale', p_connection, 'refused',
                           'more than 3 in 10 minutes');
    rc := 0;
    return next;
end $f$;
alter function khop.notice_alarm owner to khop_fn_settle;
revoke all on function khop.notice_alarm from public;
grant execute on function khop.notice_alarm to khop_serve;
comment on function khop.notice_alarm is 'Writes an audit event of a connection whose clock is off';
