-- The sales book of a stall: what came in from a day to a day, in the order of the journal, from behind p_after on. Reads at most 20,000 places of
-- the journal a call; the last row has no amount and says with `seq` how far it got: NULL when that was all.
create or replace function khop.stall_sales(p_token bytea, p_now timestamptz, p_stall_id int8, p_from date, p_to date, p_after int8)
returns table (rc int2, name text, seq int8, paid_at timestamptz, booked_on date, amount int8, asked int8, code_no int4, reference text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_material = off
as $f$
#variable_conflict use_column
declare
    c_most constant int8 := 20000;
    v_in record;
    v_low int8;
    v_high int8;
begin
    select * into v_in from khop.stall_enter(p_token, p_now, p_stall_id);
    rc := v_in.rc;
    if rc = 0 then
        name := (v_in.stall).name;
        v_low := greatest(coalesce(p_after, 0) + 1, khop.seq_from(v_in.bucket, v_in.org_id,
                     greatest(p_from, (v_in.account).owner_since)::timestamp at time zone 'Asia/Ho_Chi_Minh' - interval '1 minute'));
        v_high := khop.seq_from(v_in.bucket, v_in.org_id, (p_to + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh' + interval '1 minute') - 1;
        return query
        select 0::int2, null::text, t.seq, t.paid_at, t.booked_on, t.amount, d.due, t.code_no, t.reference
          from (select t.* from khop.transfer t
                 where t.bucket = v_in.bucket and t.org_id = v_in.org_id and t.seq between v_low and least(v_high, v_low + c_most - 1)
                   and t.account_id = (v_in.account).account_id and t.direction = 1 and t.kind in (1, 2)
                   and t.booked_on between greatest(p_from, (v_in.account).owner_since) and p_to
                 order by t.seq) t
          left join lateral (select d.* from khop.charge_due d where d.bucket = v_in.bucket and d.code_no = t.code_no limit 1) d on true
         order by t.seq;
        seq := case when v_low + c_most - 1 < v_high then v_low + c_most - 1 end;
    end if;
    return next;
end $f$;
alter function khop.stall_sales owner to khop_fn_org;
revoke all on function khop.stall_sales from public;
grant execute on function khop.stall_sales to khop_serve;
comment on function khop.stall_sales is 'The sales book of a stall';
