-- Receiving accounts of the token's organisation, by id; the next page begins after the last id.
create or replace function khop.account_list(p_token bytea, p_after int8, p_limit int4)
returns table (rc int2, account_id int8, bin text, account_no text, holder text, ledger_no int4, created_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
declare
    v_login record;
    v_after constant int8 := coalesce(p_after, 0); -- COALESCE beside a column keeps row level security from using the index
begin
    select * into v_login from khop.login(p_token, statement_timestamp(), 1 | 8);
    if v_login.rc <> 0 then
        rc := v_login.rc;
        return next;
        return;
    end if;
    return query select 0::int2, a.account_id, a.bin, a.account_no, a.holder, a.ledger_no, a.created_at
      from khop.account a where a.org_id = v_login.org_id and a.account_id > v_after
     order by a.account_id limit least(p_limit, 1000);
end $f$;
alter function khop.account_list owner to khop_fn_org;
revoke all on function khop.account_list from public;
grant execute on function khop.account_list to khop_serve;
comment on function khop.account_list is 'Receiving accounts of the organisation';
