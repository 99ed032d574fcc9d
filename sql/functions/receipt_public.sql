-- A public receipt: the rid of its address is the permission. rc -4: no such receipt.
create or replace function khop.receipt_public(p_bucket int4, p_rid bytea) returns setof khop.receipt_row
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_at record;
    v_row khop.receipt_row;
begin
    select * into v_at from khop.enter_receipt(p_bucket, p_rid);
    return query select * from khop.receipt_rows(p_bucket, v_at.org_id, array[v_at.seq]);
    if not found then
        v_row.rc := -4;
        return next v_row;
    end if;
end $f$;
alter function khop.receipt_public owner to khop_fn_org;
revoke all on function khop.receipt_public from public;
grant execute on function khop.receipt_public to khop_serve;
comment on function khop.receipt_public is 'A public receipt by the rid of its address';
