-- Number and page of a stall's permanent code: all that who manages stalls may know of it, so it is read past the rows that are hidden.
create or replace function khop.stall_code(p_bucket int4, p_charge_id int8) returns table (code_no int4, token bytea)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
begin
    return query select c.code_no, c.token from khop.charge c where c.bucket = p_bucket and c.charge_id = p_charge_id;
end $f$;
alter function khop.stall_code owner to khop_owner;
revoke all on function khop.stall_code from public;
grant execute on function khop.stall_code to khop_fn_org;
comment on function khop.stall_code is 'The permanent code of a stall';
