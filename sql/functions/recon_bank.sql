-- What the bank says of a day of an account: balance before and after, money in and out; NULL where no file says it. The file is the one that has most of the
-- day, the newest of equals; complete: it has all of it.
create or replace function khop.recon_bank(p_bucket int4, p_account int8, p_day date,
    out file_id int8, out complete bool, out opening int8, out credit int8, out debit int8, out closing int8)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    f khop.statement_file;
    v_before int8;
begin
    select * into f from khop.statement_file f
     where f.bucket = p_bucket and f.account_id = p_account and f.covered_from <= p_day and f.covered_to >= p_day
     order by least(f.covered_until, (p_day + 1)::timestamp at time zone interval '7 hours') desc, f.stored_at desc, f.file_id desc limit 1;
    file_id := f.file_id;
    complete := f.covered_until >= (p_day + 1)::timestamp at time zone interval '7 hours';
    if file_id is null then
        return;
    end if;
    select coalesce(sum(l.amount) filter (where l.bank_date < p_day), 0), coalesce(sum(l.amount) filter (where l.bank_date = p_day and l.amount > 0), 0),
           coalesce(- sum(l.amount) filter (where l.bank_date = p_day and l.amount < 0), 0)
      into v_before, credit, debit
      from khop.statement_row r
      join khop.statement_line l on l.bucket = p_bucket and l.account_id = p_account and l.line_no = r.line_no
     where r.bucket = p_bucket and r.file_id = f.file_id;
    opening := f.opening + v_before;
    closing := opening + credit - debit;
end $f$;
alter function khop.recon_bank owner to khop_fn_settle;
revoke all on function khop.recon_bank from public;
grant execute on function khop.recon_bank to khop_fn_org;
comment on function khop.recon_bank is 'What the bank says of a day of an account';
