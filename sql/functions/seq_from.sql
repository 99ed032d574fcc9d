-- The first place in the journal of an organisation that was recorded at or after a time; the place behind the last when there is none.
-- Found by halves: seq has no gap, and times rise with it (clocks of several servers may differ by less than a minute, so whoever needs
-- the moment itself asks for a minute earlier and looks at the times).
create or replace function khop.seq_from(p_bucket int4, p_org_id int8, p_time timestamptz) returns int8
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
    v_time timestamptz;
begin
    select h.next_seq into v_high from khop.org_head h where h.bucket = p_bucket and h.org_id = p_org_id;
    v_high := coalesce(v_high, 1);
    while v_low < v_high loop
        v_at := (v_low + v_high) / 2;
        select t.recorded_at into v_time from khop.transfer t where t.bucket = p_bucket and t.org_id = p_org_id and t.seq = v_at;
        if v_time < p_time then
            v_low := v_at + 1;
        else
            v_high := v_at;
        end if;
    end loop;
    return v_low;
end $f$;
alter function khop.seq_from owner to khop_owner;
revoke all on function khop.seq_from from public;
grant execute on function khop.seq_from to khop_fn_org;
comment on function khop.seq_from is 'The first journal row of an organisation recorded at or after a time';
