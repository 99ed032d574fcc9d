-- Receipts of the token's organisation in the order of their numbers; the next page begins after (year, number) of the last row.
-- A page is read along its index, in order, and stops at the limit.
create or replace function khop.receipt_list(p_token bytea, p_year int4, p_after_year int4, p_after_no int8, p_limit int4)
returns setof khop.receipt_row
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
declare
    v_login record;
    v_after_year constant int4 := coalesce(p_after_year, 0); -- COALESCE beside a column keeps row level security from using the index
    v_after_no constant int8 := coalesce(p_after_no, 0);
    v_row khop.receipt_row;
begin
    select * into v_login from khop.login(p_token, statement_timestamp(), 1);
    if v_login.rc <> 0 then
        v_row.rc := v_login.rc;
        return next v_row;
        return;
    end if;
    return query select x.* from khop.receipt_rows(v_login.bucket, v_login.org_id, array(
        select r.seq from khop.receipt r
         where r.bucket = v_login.bucket and r.org_id = v_login.org_id
           and (r.year, r.no) > (v_after_year, v_after_no) and (p_year is null or r.year = p_year)
         order by r.year, r.no limit least(p_limit, 1000))) x;
end $f$;
alter function khop.receipt_list owner to khop_fn_org;
revoke all on function khop.receipt_list from public;
grant execute on function khop.receipt_list to khop_serve;
comment on function khop.receipt_list is 'Receipts of an organisation by number';
