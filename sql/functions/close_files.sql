-- Hashes of the statement files that cover the days from p_from to p_day of an organisation, for the seal of a close; in order.
create or replace function khop.close_files(p_bucket int4, p_org_id int8, p_from date, p_day date) returns text[]
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
begin
    return array(select encode(f.hash, 'hex')
                   from khop.account a
                   join khop.statement_file f on f.bucket = p_bucket and f.account_id = a.account_id
                  where a.org_id = p_org_id and f.covered_from <= p_day and f.covered_to >= p_from order by f.file_id);
end $f$;
alter function khop.close_files owner to khop_fn_settle;
revoke all on function khop.close_files from public;
comment on function khop.close_files is 'Statement files of days that are closed';
