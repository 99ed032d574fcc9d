-- A line of a statement as documents show it; NULL without one.
create or replace function khop.line_doc(p_bucket int4, p_account int8, p_line_no int8) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
begin
    return (select jsonb_build_object('statement', khop.id_text('stm', l.file_id), 'row', l.file_row, 'date', l.bank_date,
                       'direction', case when l.amount > 0 then 'in' else 'out' end, 'amount', abs(l.amount), 'balance', l.balance_after,
                       'opening', l.balance_after - l.amount, 'reference', l.reference, 'memo', l.memo)
              from khop.statement_line l where l.bucket = p_bucket and l.account_id = p_account and l.line_no = p_line_no);
end $f$;
alter function khop.line_doc owner to khop_fn_settle;
revoke all on function khop.line_doc from public;
comment on function khop.line_doc is 'A line of a statement as documents show it';
