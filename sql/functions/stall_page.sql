-- What a seller sees of his stall: a first row with the stall, the day and the year so far, then what came in today, newest first (at most
-- p_limit), or since a place of the journal (p_after, the `last` of the page before). asked: what the code was for, NULL where the
-- payer decides. Money on the account that names no code of his is there as well: it is his. tag: of what he asked for, as it stands behind the
-- permanent code in the memo; last the rows of what his page asked for lately, with tag, asked, asked_at and no seq: which money it was for is for
-- lib/flow/stall_match.c.
create or replace function khop.stall_page(p_token bytea, p_now timestamptz, p_stall_id int8, p_after int8, p_limit int4)
returns setof khop.stall_page_row
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
declare
    v_in record;
    v_day constant date := (p_now at time zone 'Asia/Ho_Chi_Minh')::date;
    v_start constant timestamptz := v_day::timestamp at time zone 'Asia/Ho_Chi_Minh';
    v_from int8;
    v_stall khop.stall_row;
    v_row khop.stall_page_row;
begin
    select * into v_in from khop.stall_enter(p_token, p_now, p_stall_id);
    if v_in.rc <> 0 then
        v_row.rc := v_in.rc;
        return next v_row;
        return;
    end if;
    select r.* into v_stall from khop.stall_rows(v_in.bucket, array[p_stall_id]) r;
    v_row.rc := 0;
    v_row.stall_id := v_stall.stall_id;
    v_row.name := v_stall.name;
    v_row.place := v_stall.place;
    v_row.account_id := v_stall.account_id;
    v_row.bin := v_stall.bin;
    v_row.account_no := v_stall.account_no;
    v_row.holder := v_stall.holder;
    v_row.charge_id := v_stall.charge_id;
    v_row.code_no := v_stall.code_no;
    v_row.token := v_stall.token;
    v_row.owner_id := v_stall.owner_id;
    v_row.owner_name := v_stall.owner_name;
    v_row.created_at := v_stall.created_at;
    v_row.closed_at := v_stall.closed_at;
    v_row.org_name := v_stall.org_name;
    select coalesce(sum(d.n) filter (where d.day = v_day), 0)::int8, coalesce(sum(d.amount) filter (where d.day = v_day), 0)::int8, coalesce(sum(d.amount), 0)::int8
      into v_row.today_n, v_row.today, v_row.year
      from khop.day_total d
     where d.bucket = v_in.bucket and d.org_id = v_in.org_id and d.debit = (v_in.account).ledger_no
       and d.day between greatest(date_trunc('year', v_day)::date, (v_in.account).owner_since) and v_day;
    select h.amount, h.valid_from, h.source into v_row.threshold, v_row.threshold_from, v_row.threshold_source
      from khop.turnover_threshold h where h.valid_from <= v_day order by h.valid_from desc limit 1;
    v_from := khop.seq_from(v_in.bucket, v_in.org_id, greatest(v_start, v_in.since) - interval '1 minute');
    v_row.last := khop.seq_from(v_in.bucket, v_in.org_id, 'infinity') - 1;
    return next v_row;
    return query
    select 0::int2, null::int8, null::text, null::text, null::int8, null::text, null::text, null::text, null::int8, null::int4, null::bytea,
           null::int8, null::text, null::timestamptz, null::timestamptz, null::text, null::text,
           null::int8, null::int8, null::int8, null::int8, null::date, null::text, null::int8,
           t.seq, t.amount, d.due, t.code_no, t.paid_at, t.recorded_at, t.outcome,
           g.tag, null::timestamptz, null::timestamptz
      from (select t.* from khop.transfer t
             where t.bucket = v_in.bucket and t.org_id = v_in.org_id and t.seq >= greatest(v_from, coalesce(p_after, 0) + 1) and t.seq <= v_row.last
               and t.account_id = (v_in.account).account_id and t.direction = 1 and t.kind in (1, 2) and t.recorded_at >= greatest(v_start, v_in.since)
             order by t.seq desc limit least(p_limit, 500)) t
      left join lateral (select d.* from khop.charge_due d where d.bucket = v_in.bucket and d.code_no = t.code_no limit 1) d on true
      left join lateral (
           select min(k.tag) as tag
             from unnest(khop.stall_tags(v_in.bucket, (t.recorded_at at time zone 'Asia/Ho_Chi_Minh')::date, coalesce(t.notice_id, t.event_id), t.code_no)) g (tag)
             join lateral (select k.tag from khop.stall_ask k where k.bucket = v_in.bucket and k.stall_id = p_stall_id and k.tag = g.tag limit 1) k on true
            where t.code_no = v_stall.code_no
           having count(*) = 1) g on true
     order by t.seq desc;
    return query
    select 0::int2, null::int8, null::text, null::text, null::int8, null::text, null::text, null::text, null::int8, null::int4, null::bytea,
           null::int8, null::text, null::timestamptz, null::timestamptz, null::text, null::text,
           null::int8, null::int8, null::int8, null::int8, null::date, null::text, null::int8,
           null::int8, null::int8, k.amount, null::int4, null::timestamptz, null::timestamptz, null::int2, k.tag, k.asked_at, k.dropped_at
      from khop.stall_ask k
     where k.bucket = v_in.bucket and k.stall_id = p_stall_id and k.asked_at between greatest(v_start - interval '3 hours', v_in.since) and p_now
     order by k.asked_at desc limit 500;
end $f$;
alter function khop.stall_page owner to khop_fn_org;
revoke all on function khop.stall_page from public;
grant execute on function khop.stall_page to khop_serve;
comment on function khop.stall_page is 'A stall as its seller sees it';
