-- Exceptions in the order they were opened, all or some (state waiting: open or proposed); the next page begins after (time, id) of the last row.
-- A page is read along its index, in order, and stops at the limit.
create or replace function khop.exception_list(p_token bytea, p_state text, p_reason text, p_account_id int8, p_after_time timestamptz,
    p_after_id int8, p_limit int4)
returns table (rc int2, exception_id int8, reason text, state text, direction int2, held int8, amount int8, account_id int8, charge_id int8,
    code_no int4, ext_id text, provider int2, memo text, opened_at timestamptz, seq int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_sort = off
set enable_material = off
set join_collapse_limit = 1
as $f$
#variable_conflict use_column
declare
    v_login record;
    v_after_time constant timestamptz := coalesce(p_after_time, '-infinity'); -- COALESCE beside a column keeps row level security from using the index
    v_after_id constant int8 := coalesce(p_after_id, 0);
begin
    select * into v_login from khop.login(p_token, statement_timestamp(), 1 | 4);
    if v_login.rc <> 0 then
        rc := v_login.rc;
        return next;
        return;
    end if;
    return query
    select 0::int2, x.exception_id, x.reason, x.state, x.direction, x.held, x.amount, x.account_id, x.charge_id, x.code_no, x.ext_id, x.provider,
           x.memo, x.opened_at, x.seq
      from khop.exception x
     where x.bucket = v_login.bucket and x.org_id = v_login.org_id
       and (x.opened_at, x.exception_id) > (v_after_time, v_after_id)
       and (p_state is null or x.state = p_state or p_state = 'waiting' and x.state in ('open', 'proposed'))
       and (p_reason is null or x.reason = p_reason) and (p_account_id is null or x.account_id = p_account_id)
     order by x.opened_at, x.exception_id limit least(p_limit, 1000);
end $f$;
alter function khop.exception_list owner to khop_fn_org;
revoke all on function khop.exception_list from public;
grant execute on function khop.exception_list to khop_serve;
comment on function khop.exception_list is 'Exceptions of an organisation, by time';
