-- The first row of an organisation's journal that is booked on this day or later; one behind the last when there is none. Book days ascend with
-- seq, and seq has no gap: found by halves.
create or replace function khop.journal_from(p_bucket int4, p_org_id int8, p_day date) returns int8
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
declare
    v_low int8 := 1;
    v_high int8;
    v_at int8;
    v_day date;
begin
    select t.seq into v_high from khop.transfer t where t.bucket = p_bucket and t.org_id = p_org_id order by t.seq desc limit 1;
    while v_low <= v_high loop
        v_at := (v_low + v_high) / 2;
        select t.booked_on into v_day from khop.transfer t where t.bucket = p_bucket and t.org_id = p_org_id and t.seq = v_at;
        if v_day >= p_day then
            v_high := v_at - 1;
        else
            v_low := v_at + 1;
        end if;
    end loop;
    return v_low;
end $f$;
alter function khop.journal_from owner to khop_fn_org;
revoke all on function khop.journal_from from public;
comment on function khop.journal_from is 'Where a day begins in the journal of an organisation';
