-- Takes back a correction of an event that stands in no statement, or seemed to be a duplicate: its money is entered again, as an event of its own (provider 10) with
-- the code that it had, and the exception is about that event from now on. Receipts that became void stay so: it gets a new one. The caller holds the locks of the
-- books and has found the decision to be the last one. rc as khop.book answers, -8 when no receipt key is registered.
create or replace function khop.correct_again(p_bucket int4, p_org_id int8, p_now timestamptz, p_exception_id int8, p_match_id int8, p_actor int8, p_reason text,
    p_rid bytea, out rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
#variable_conflict use_column
declare
    i khop.statement_item;
    t khop.transfer;
    v_key_no int2;
    v_memo text;
    v_body bytea;
    v_seq int8;
    b record;
begin
    select y.* into i from khop.statement_item y where y.bucket = p_bucket and y.exception_id = p_exception_id order by y.about desc limit 1;
    select y.* into t from khop.transfer y where y.bucket = p_bucket and y.org_id = p_org_id and y.seq = i.about;
    select e.memo into v_memo from khop.exception e where e.bucket = p_bucket and e.exception_id = t.event_id;
    select k.key_no into v_key_no from khop.receipt_key k where k.revoked_at is null order by k.valid_from desc, k.key_no desc limit 1;
    rc := case when v_key_no is null then -8 else 0 end;
    if rc <> 0 then
        return;
    end if;
    v_body := convert_to(jsonb_build_object('again', khop.id_text('evt', t.event_id), 'decision', khop.id_text('mat', p_match_id), 'provider',
        khop.provider_name(t.provider), 'notice', t.ext_id, 'amount', t.amount, 'reason', p_reason)::text, 'UTF8');
    select s.seq into v_seq
      from khop.settle_batch(p_bucket, p_now, v_key_no, array[p_exception_id], array[v_body], array[sha256(v_body)], array[1], array[t.account_id], array[10::int2],
               array['again ' || p_match_id], array[sha256(v_body)], array[t.direction], array[t.amount], array[t.paid_at], array[coalesce(v_memo, '')],
               array[t.reference], array[t.balance_after], array[p_rid], case when t.code_no is null then '{}' else array[1] end,
               case when t.code_no is null then '{}' else array[t.code_no] end, case when t.code_no is null then '{}' else array[coalesce(t.how, 1::int2)] end) s;
    insert into khop.statement_item (bucket, account_id, reason, about, org_id, exception_id, before_line)
    values (p_bucket, i.account_id, i.reason, v_seq, p_org_id, p_exception_id, i.before_line);
    select * into b from khop.book(p_bucket, p_org_id, p_now, p_exception_id, 'undo', 'person', 1::int2, p_match_id, p_actor, null, p_reason,
        jsonb_build_object('again', v_seq), null, null, null, null, null, null, null, null);
    rc := b.rc;
end $f$;
alter function khop.correct_again owner to khop_fn_settle;
revoke all on function khop.correct_again from public;
grant execute on function khop.correct_again to khop_fn_org;
comment on function khop.correct_again is 'Takes back the correction of an event: its money is entered again';
