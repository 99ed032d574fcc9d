-- The first row of an organisation's journal that was recorded at p_at or later; the next number when there is none. Times ascend with seq: found by halves.
create or replace function khop.journal_since(p_bucket int4, p_org_id int8, p_at timestamptz) returns int8
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
set enable_bitmapscan = off
as $f$
declare
    v_low int8 := 1;
    v_high int8;
    v_at int8;
    v_time timestamptz;
begin
    select t.seq + 1 into v_high from khop.transfer t where t.bucket = p_bucket and t.org_id = p_org_id order by t.seq desc limit 1;
    while v_low < coalesce(v_high, 1) loop
        v_at := (v_low + v_high) / 2;
        select t.recorded_at into v_time from khop.transfer t where t.bucket = p_bucket and t.org_id = p_org_id and t.seq = v_at;
        if v_time < p_at then
            v_low := v_at + 1;
        else
            v_high := v_at;
        end if;
    end loop;
    return v_low;
end $f$;
alter function khop.journal_since owner to khop_fn_settle;
revoke all on function khop.journal_since from public;
grant execute on function khop.journal_since to khop_fn_org;
comment on function khop.journal_since is 'The first row of a journal recorded at a time or later';
