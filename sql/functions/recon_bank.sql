-- What the bank says of a day of an account: balance before and after, money in and out; NULL where no file says it. Money is that of all lines of
-- the day, whichever files
-- brought them; the balance after it is of the file that goes furthest into the day and has most of it, the newest of equals. complete: it has all of it.
create or replace function khop.recon_bank(p_bucket int4, p_account int8, p_day date,
    out file_id int8, out complete bool, out opening int8, out credit int8, out debit int8, out closing int8)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set jit = off
set enable_bitmapscan = off
set enable_sort = off
as $f$
#variable_conflict use_column
declare
    f record;
    v_end constant timestamptz := (p_day + 1)::timestamp at time zone interval '7 hours';
begin
    select f.file_id, f.covered_until, f.opening, r.before, r.n into f
      from khop.statement_file f
     cross join lateral (
           select coalesce(sum(l.amount), 0)::int8 as before, count(*) filter (where l.bank_date = p_day) as n
             from khop.statement_row r
             join lateral (
                  select l.* from khop.statement_line l where l.bucket = p_bucket and l.account_id = p_account
                      and l.line_no between r.line_no and r.line_no
                   order by l.line_no limit 1) l on l.bank_date <= p_day
            where r.bucket = p_bucket and r.file_id = f.file_id) r
     where f.bucket = p_bucket and f.account_id = p_account and f.covered_from <= p_day and f.covered_to >= p_day
     order by least(f.covered_until, v_end) desc, r.n desc, f.stored_at desc, f.file_id desc limit 1;
    file_id := f.file_id;
    complete := f.covered_until >= v_end;
    if file_id is null then
        return;
    end if;
    select coalesce(sum(l.amount) filter (where l.amount > 0), 0), coalesce(- sum(l.amount) filter (where l.amount < 0), 0) into credit, debit
      from khop.statement_line l where l.bucket = p_bucket and l.account_id = p_account and l.bank_date = p_day;
    closing := f.opening + f.before;
    opening := closing - credit + debit;
end $f$;
alter function khop.recon_bank owner to khop_fn_settle;
revoke all on function khop.recon_bank from public;
grant execute on function khop.recon_bank to khop_fn_org;
comment on function khop.recon_bank is 'What the bank says of a day of an account';
