-- What the seller's page asked for since it told last, one or many: the tag of each, its amount, how many seconds ago (by the phone, whose clock may be
-- wrong), and whether the customer went away. Telling again changes nothing but that. rc -4: no such stall of his, or it is closed.
create or replace function khop.stall_asked(p_token bytea, p_now timestamptz, p_stall_id int8, p_tags text[], p_amounts int8[], p_ages int4[], p_dropped bool[],
    out rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
declare
    c_keep constant interval := '2 days';
    v_in record;
begin
    select * into v_in from khop.stall_enter(p_token, p_now, p_stall_id);
    rc := case when v_in.rc = 0 and (v_in.stall).closed_at is not null then -4 else v_in.rc end;
    if rc <> 0 then
        return;
    end if;
    delete from khop.stall_ask k where k.bucket = v_in.bucket and k.stall_id = p_stall_id and k.asked_at < p_now - c_keep;
    insert into khop.stall_ask as k (bucket, stall_id, tag, org_id, account_id, amount, asked_at, dropped_at)
    select v_in.bucket, p_stall_id, a.tag, v_in.org_id, (v_in.account).account_id, a.amount, p_now - a.age * interval '1 second', case when a.dropped then p_now end
      from unnest(p_tags, p_amounts, p_ages, p_dropped) with ordinality a (tag, amount, age, dropped, o)
     where a.age * interval '1 second' < c_keep
     order by a.o
    on conflict (bucket, stall_id, tag) do nothing;
    update khop.stall_ask k set dropped_at = p_now
      from unnest(p_tags, p_dropped) a (tag, dropped)
     where a.dropped and k.bucket = v_in.bucket and k.stall_id = p_stall_id and k.tag = a.tag and k.dropped_at is null;
end $f$;
alter function khop.stall_asked owner to khop_fn_org;
revoke all on function khop.stall_asked from public;
grant execute on function khop.stall_asked to khop_serve;
comment on function khop.stall_asked is 'What a seller''s page asked for';
