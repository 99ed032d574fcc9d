-- The first number of a year's book of receipts that was given by this row of the journal or a later one; one behind the last when there is
-- none. Numbers ascend with seq and have no gap: found by halves.
create or replace function khop.receipt_from(p_bucket int4, p_org_id int8, p_year int4, p_seq int8) returns int4
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
declare
    v_low int4 := 1;
    v_high int4;
    v_at int4;
    v_seq int8;
begin
    select r.no into v_high from khop.receipt r where r.bucket = p_bucket and r.org_id = p_org_id and r.year = p_year order by r.no desc limit 1;
    while v_low <= v_high loop
        v_at := (v_low + v_high) / 2;
        select r.seq into v_seq from khop.receipt r where r.bucket = p_bucket and r.org_id = p_org_id and r.year = p_year and r.no = v_at;
        if v_seq >= p_seq then
            v_high := v_at - 1;
        else
            v_low := v_at + 1;
        end if;
    end loop;
    return v_low;
end $f$;
alter function khop.receipt_from owner to khop_fn_org;
revoke all on function khop.receipt_from from public;
comment on function khop.receipt_from is 'Where a row of the journal stands in a book of receipts';
