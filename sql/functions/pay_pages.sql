-- What pay pages show that are asked for at the same time: their codes with as many receipts as a page lists (lib/web/pay.c), by place. The
-- tokens are the permission; one that is nobody's has no row. What a statement costs before it reads anything is most of what a page alone
-- costs.
create or replace function khop.pay_pages(p_buckets int4[], p_tokens bytea[]) returns setof khop.code_row
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set enable_material = off
set join_collapse_limit = 1
as $f$
declare
    v_charges constant int8[] := khop.enter_pay_pages(p_buckets, p_tokens);
begin
    return query select * from khop.code_rows(p_buckets, v_charges, 20);
end $f$;
alter function khop.pay_pages owner to khop_fn_org;
revoke all on function khop.pay_pages from public;
grant execute on function khop.pay_pages to khop_serve;
comment on function khop.pay_pages is 'What pay pages show, by their tokens';
