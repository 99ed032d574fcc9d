-- A file as the API shows it.
create or replace function khop.statement_doc(p_file khop.statement_file) returns text
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
begin
    return jsonb_build_object('id', khop.id_text('stm', p_file.file_id), 'account', khop.id_text('acc', p_file.account_id), 'format', p_file.format,
        'profile', p_file.profile, 'sha256', encode(p_file.hash, 'hex'), 'size', p_file.size, 'from', p_file.covered_from, 'to', p_file.covered_to,
        'opening', p_file.opening, 'closing', p_file.closing, 'lines', p_file.lines, 'new_lines', p_file.new_lines, 'money_in', p_file.credit, 'money_out', p_file.debit,
        'created_at', khop.time_text(p_file.stored_at), 'job', khop.id_text('job', p_file.job_id))::text;
end $f$;
alter function khop.statement_doc owner to khop_fn_org;
revoke all on function khop.statement_doc from public;
comment on function khop.statement_doc is 'A file of the bank as the API shows it';
