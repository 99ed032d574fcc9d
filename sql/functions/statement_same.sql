-- One look of statement_store at the lines that files of another format or profile have brought, on days that both have: which row is which line. p_by: 1 equal
-- balance, 2 equal memo, 3 equal code, 4 only day and amount, where nothing speaks against it.
create or replace function khop.statement_same(p_bucket int4, p_job_id int8, p_account int8, p_format text, p_profile text, p_from date, p_to date, p_by int4)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set enable_nestloop = off
set enable_mergejoin = off
set jit = off
as $f$
#variable_conflict use_column
begin
    with
    line as materialized (
        select l.line_no, l.bank_date, l.amount, l.balance_after, l.code_no,
               case p_by when 1 then l.balance_after::text when 2 then nullif(l.memo_key, '') when 3 then l.code_no::text else '' end as said
          from khop.statement_line l
         where l.bucket = p_bucket and l.account_id = p_account and l.bank_date between p_from and p_to
           and l.file_id in (select f.file_id from khop.statement_file f where f.bucket = p_bucket and f.account_id = p_account and (f.format,
               f.profile) <> (p_format, p_profile))
           and l.line_no not in (select s.line_no from khop.statement_stage s where s.bucket = p_bucket and s.job_id = p_job_id and s.line_no is not null)),
    fresh as materialized (
        select s.place, s.bank_date, s.amount, s.balance_after, s.code_no,
               case p_by when 1 then s.balance_after::text when 2 then nullif(s.memo_key, '') when 3 then s.code_no::text else '' end as said
          from khop.statement_stage s where s.bucket = p_bucket and s.job_id = p_job_id and s.line_no is null),
    a as (select l.*, row_number() over (partition by l.bank_date, l.amount, l.said order by l.line_no) as k from line l where l.said is not null),
    b as (select f.*, row_number() over (partition by f.bank_date, f.amount, f.said order by f.place) as k from fresh f where f.said is not null)
    update khop.statement_stage s set line_no = x.line_no
      from (select b.place, a.line_no from b join a on a.bank_date = b.bank_date and a.amount = b.amount and a.said = b.said and a.k = b.k
             where p_by = 1 or (p_by < 4 or coalesce(a.code_no = b.code_no, true)) and coalesce(a.balance_after = b.balance_after, true)) x
     where s.bucket = p_bucket and s.job_id = p_job_id and s.place = x.place;
end $f$;
alter function khop.statement_same owner to khop_fn_settle;
revoke all on function khop.statement_same from public;
comment on function khop.statement_same is 'Rows of a file that another format has brought already';
