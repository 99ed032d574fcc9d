-- Carries out what correct_find says of an exception, under the locks of the books. What was done with the money of an event that is reversed is taken back with it, last
-- row first: its receipts become void, its charges open again, credit that it gave is gone. An event with another amount is settled again from its line.
-- p_found: what the decision was made on; when the books say another thing by now, nothing is done. rc 0; -5, `why`: state; used (credit of it has been used, or a
-- refund of it is under way: that comes first); -8.
create or replace function khop.correct_apply(p_bucket int4, p_org_id int8, p_now timestamptz, p_exception_id int8, p_found text, p_previous int8, p_actor int8,
    p_requested_by int8, p_reason text, p_rid bytea, out rc int2, out why text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set join_collapse_limit = 1
as $f$
#variable_conflict use_column
declare
    c record;
    x khop.exception;
    t khop.transfer;
    d record;
    b record;
    v_key_no int2;
    v_seq int8;
begin
    rc := -5;
    why := 'state';
    perform khop.book_lock(p_bucket, p_org_id);
    select * into c from khop.correct_find(p_bucket, p_org_id, p_exception_id);
    select k.key_no into v_key_no from khop.receipt_key k where k.revoked_at is null order by k.valid_from desc, k.key_no desc limit 1;
    if c.what is null or concat_ws(' ', c.what, c.seq, c.line_no, c.other) <> p_found then
        return;
    end if;
    select y.* into t from khop.transfer y where y.bucket = p_bucket and y.org_id = p_org_id and y.seq = c.seq;
    select e.* into x from khop.exception e where e.bucket = p_bucket and e.exception_id = t.event_id;

    -- The rows that stand on the event, and the event itself; or what the bank took back.
    select array_agg(r.kind order by r.o) as kind, array_agg(r.amount order by r.o) as amount, array_agg(r.of_seq order by r.o) as of_seq,
           array_agg(r.code order by r.o) as code, array_agg(r.other order by r.o) as other, array_agg(null::int4) as none4, array_agg(null::int8) as none8,
           array_agg(null::bytea) as none, coalesce(bool_or(r.owed), false) as owed
      into d
      from (select 7::int2 as kind, y.amount, y.seq as of_seq, null::int4 as code, null::int8 as other, y.kind = 6 as owed, - y.seq as o
              from (select s.seq
                      from (select u.seq from khop.transfer u where u.bucket = p_bucket and u.org_id = p_org_id and u.of_seq = t.seq
                            union
                            select s.seq from khop.match m, generate_series(m.first_seq, m.last_seq) s (seq)
                             where m.bucket = p_bucket and m.exception_id = x.exception_id and m.first_seq is not null
                            union
                            select t.seq) s) s
              join lateral (select y.* from khop.transfer y where y.bucket = p_bucket and y.org_id = p_org_id and y.seq = s.seq limit 1) y on y.kind <> 7
             where c.what not in ('taken_back', 'set_off') and not khop.event_reversed(p_bucket, p_org_id, y.seq)
            union all
            select case c.what when 'set_off' then 10 else 8 end::int2, o.amount, t.seq, case c.what when 'taken_back' then o.code_no end, o.seq, false, 0
              from (select o.* from khop.transfer o where o.bucket = p_bucket and o.org_id = p_org_id and o.seq = c.other limit 1) o
             where c.what in ('taken_back', 'set_off')) r;
    if d.owed or x.state = 'proposed' and c.what not in ('taken_back', 'set_off') then
        why := 'used';
        return;
    end if;
    select * into b from khop.book(p_bucket, p_org_id, p_now, p_exception_id,
        case c.what when 'taken_back' then 'take_back' when 'set_off' then 'offset' else 'correct' end, 'person', 1::int2,
        p_previous, p_actor, p_requested_by, p_reason,
        jsonb_build_object('what', c.what, 'event', khop.id_text('evt', t.event_id), 'provider', khop.provider_name(t.provider), 'notice', t.ext_id,
            'line', c.line_no, 'other', c.other),
        d.kind, d.none4, d.amount, d.of_seq, d.code, d.none8, d.none4, d.none, d.other);
    rc := b.rc;
    why := case b.rc when -5 then 'used' end;
    if rc <> 0 then
        return;
    end if;
    if c.what = 'amount' then
        select s.seq into v_seq
          from khop.statement_settle(p_bucket, p_org_id, t.account_id, p_now, v_key_no, array[c.line_no], array[p_rid], t.code_no, t.how) s;
        insert into khop.line_correction (bucket, account_id, line_no, org_id, seq, match_id, corrected_at)
        values (p_bucket, t.account_id, c.line_no, p_org_id, v_seq, b.match_id, p_now);
    end if;
    if c.what not in ('taken_back', 'set_off') then -- what was asked about an event that is gone is answered
        update khop.exception e set state = 'self_resolved', pending = false
         where e.bucket = p_bucket and e.exception_id = t.event_id and e.state = 'open' and e.held = 0;
    end if;
end $f$;
alter function khop.correct_apply owner to khop_fn_settle;
revoke all on function khop.correct_apply from public;
grant execute on function khop.correct_apply to khop_fn_org;
comment on function khop.correct_apply is 'Carries out what an exception asks to be corrected';
