-- One receipt of the token's organisation. rc -4: none of theirs.
create or replace function khop.receipt_get(p_token bytea, p_receipt_id int8) returns setof khop.receipt_row
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
declare
    v_login record;
    v_row khop.receipt_row;
begin
    select * into v_login from khop.login(p_token, statement_timestamp(), 1);
    v_row.rc := v_login.rc;
    if v_row.rc = 0 then
        return query select * from khop.receipt_rows(v_login.bucket, v_login.org_id,
            array[khop.event_seq(v_login.bucket, v_login.org_id, p_receipt_id)]);
        if found then
            return;
        end if;
        v_row.rc := -4;
    end if;
    return next v_row;
end $f$;
alter function khop.receipt_get owner to khop_fn_org;
revoke all on function khop.receipt_get from public;
grant execute on function khop.receipt_get to khop_serve;
comment on function khop.receipt_get is 'One receipt by its id';
