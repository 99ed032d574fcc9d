-- The place in the journal of an organisation of the transfer with this id, NULL when there is none. Ids ascend with seq, and seq has no
-- gap: found by halves, twenty steps in a million, so that no index by id is kept.
create or replace function khop.event_seq(p_bucket int4, p_org_id int8, p_event_id int8) returns int8
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
    v_id int8;
begin
    select t.seq into v_high from khop.transfer t where t.bucket = p_bucket and t.org_id = p_org_id order by t.seq desc limit 1;
    while v_low <= v_high loop
        v_at := (v_low + v_high) / 2;
        select t.event_id into v_id from khop.transfer t where t.bucket = p_bucket and t.org_id = p_org_id and t.seq = v_at;
        if v_id = p_event_id then
            return v_at;
        elsif v_id < p_event_id then
            v_low := v_at + 1;
        else
            v_high := v_at - 1;
        end if;
    end loop;
    return null;
end $f$;
alter function khop.event_seq owner to khop_fn_org;
revoke all on function khop.event_seq from public;
comment on function khop.event_seq is 'The transfer of an organisation with this id';
