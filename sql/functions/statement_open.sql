-- Lines of a file that are no event yet, in the order of time, behind a place, p_limit at most. Lines of days before the account was kept here are history: they are
-- shown, never settled.
-- Look-ups of one line ask for a range of one, in its order: only the key gives that order, so only the key is used, also by plans made on an empty table.
create or replace function khop.statement_open(p_bucket int4, p_file_id int8, p_after int4, p_limit int4) returns table (place int4, line khop.statement_line)
language sql stable security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set jit = off
set enable_sort = off
set enable_bitmapscan = off
as $f$
    select r.place, l.line
      from khop.statement_row r
      join lateral (select (a.created_at at time zone interval '7 hours')::date as since from khop.account a where a.account_id = r.account_id limit 1) a on true
      join lateral (
           select l as line, l.bank_date from khop.statement_line l
            where l.bucket = p_bucket and l.account_id = r.account_id and l.line_no between r.line_no and r.line_no
            order by l.line_no limit 1) l on l.bank_date >= a.since
      left join lateral (
           select 1 as one from khop.line_event e where e.bucket = p_bucket and e.account_id = r.account_id and e.line_no = r.line_no limit 1) e on true
     where r.bucket = p_bucket and r.file_id = p_file_id and r.place > p_after and e.one is null
     order by r.place limit p_limit
$f$;
alter function khop.statement_open owner to khop_fn_settle;
revoke all on function khop.statement_open from public;
comment on function khop.statement_open is 'Lines of a file that are no event yet';
