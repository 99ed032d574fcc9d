-- Lines of an account that are no event yet, in the order in which they came. Lines of days before the account was kept here are history: they are shown, never
-- settled.
create or replace function khop.statement_open(p_bucket int4, p_account int8, p_from date, p_to date) returns setof khop.statement_line
language sql stable security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
as $f$
    select l.*
      from khop.account a
      join khop.statement_line l on l.bucket = p_bucket and l.account_id = p_account
       and l.bank_date between greatest(p_from, (a.created_at at time zone interval '7 hours')::date) and p_to
      left join lateral (select 1 as one from khop.line_event e where e.bucket = p_bucket and e.account_id = p_account and e.line_no = l.line_no limit 1) e on true
     where a.account_id = p_account and e.one is null
     order by l.line_no
$f$;
alter function khop.statement_open owner to khop_fn_settle;
revoke all on function khop.statement_open from public;
comment on function khop.statement_open is 'Lines of an account that are no event yet';
