-- Breaks in the running balance of an account, around the days p_from to p_to: a line that does not go on where the line before it ended, within a file, or where a
-- file begins. It is none when any line of those days ends where this one begins: the missing line has come with another file.
create or replace function khop.statement_gaps(p_bucket int4, p_account int8, p_from date, p_to date)
returns table (line_no int8, before_line int8, difference int8)
language sql stable security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set jit = off
set enable_bitmapscan = off
set enable_sort = off
as $f$
    with
    file as (
        select f.file_id from khop.statement_file f
         where f.bucket = p_bucket and f.account_id = p_account and f.covered_from - 40 <= p_to and f.covered_to + 1 >= p_from),
    row as (
        select r.file_id, r.place, l.line_no, l.bank_date, l.balance_after, l.balance_after - l.amount as start,
               lag(l.line_no) over w as before_line, lag(l.balance_after) over w as before_balance, lag(l.bank_date) over w as before_date
          from file f
          join khop.statement_row r on r.bucket = p_bucket and r.file_id = f.file_id
          join lateral (
               select l.* from khop.statement_line l where l.bucket = p_bucket and l.account_id = p_account and l.line_no between r.line_no and r.line_no
                order by l.line_no limit 1) l on true
        window w as (partition by r.file_id order by r.place)),
    edge as ( -- where a file begins, and no other file has this line behind another one: the last line of earlier days
        select r.line_no, r.bank_date, r.start, b.line_no as before_line, b.balance_after as before_balance, b.bank_date as before_date
          from row r
         cross join lateral (
               select l.line_no, l.balance_after, l.bank_date from khop.statement_line l
                where l.bucket = p_bucket and l.account_id = p_account and l.bank_date < r.bank_date
                order by l.bank_date desc, l.line_no desc limit 1) b
         where r.place = 1 and not exists (
               select 1 from khop.statement_row o where o.bucket = p_bucket and o.account_id = p_account and o.line_no = r.line_no and o.place > 1)),
    break as (
        select r.line_no, r.bank_date, r.start, r.before_line, r.before_balance, r.before_date from row r where r.before_balance <> r.start
        union
        select e.line_no, e.bank_date, e.start, e.before_line, e.before_balance, e.before_date from edge e where e.before_balance <> e.start)
    select distinct on (b.line_no) b.line_no, b.before_line, b.start - b.before_balance
      from break b
     where not exists (
           select 1 from khop.statement_line l
            where l.bucket = p_bucket and l.account_id = p_account and l.bank_date between b.before_date and b.bank_date and l.line_no <> b.line_no
              and l.balance_after = b.start)
     order by b.line_no, b.before_line
$f$;
alter function khop.statement_gaps owner to khop_fn_settle;
revoke all on function khop.statement_gaps from public;
grant execute on function khop.statement_gaps to khop_owner;
comment on function khop.statement_gaps is 'Breaks in the running balance of an account';
