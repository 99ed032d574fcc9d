-- A bank event as documents show it; NULL without one.
create or replace function khop.event_doc(p_bucket int4, p_org_id int8, p_seq int8) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
begin
    return (select jsonb_build_object('id', khop.id_text('evt', t.event_id), 'direction', case t.direction when 1 then 'in' else 'out' end, 'amount', t.amount,
                       'at', khop.time_text(t.paid_at), 'provider', khop.provider_name(t.provider), 'notice', case when t.provider < 9 then t.ext_id end,
                       'reference', t.reference, 'balance', t.balance_after,
                       'opening', t.balance_after - case t.direction when 1 then t.amount else - t.amount end,
                       'code', case when t.code_no is not null then khop.code_text(t.code_no) end,
                       'receipt', case when t.receipt_no is not null then t.receipt_year || '/' || t.receipt_no end)
              from khop.transfer t where t.bucket = p_bucket and t.org_id = p_org_id and t.seq = p_seq);
end $f$;
alter function khop.event_doc owner to khop_fn_settle;
revoke all on function khop.event_doc from public;
comment on function khop.event_doc is 'A bank event as documents show it';
