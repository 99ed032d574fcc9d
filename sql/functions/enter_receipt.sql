-- The login step of a public receipt: its unguessable rid opens the organisation that gave it. NULL when there is none.
create or replace function khop.enter_receipt(p_bucket int4, p_rid bytea) returns int8
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_receipt khop.receipt;
begin
    select * into v_receipt from khop.receipt r where r.bucket = p_bucket and r.rid = p_rid;
    perform set_config('khop.orgs', coalesce(v_receipt.org_id::text, ''), true);
    return v_receipt.receipt_id;
end $f$;
alter function khop.enter_receipt owner to khop_owner;
revoke all on function khop.enter_receipt from public;
grant execute on function khop.enter_receipt to khop_fn_org;
comment on function khop.enter_receipt is 'Opens the organisation of a public receipt for this transaction; the receipt, or NULL';
