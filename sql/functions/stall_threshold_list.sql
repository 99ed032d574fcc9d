-- From which turnover of a year tax is due, the newest first. For the operator (khop threshold).
create or replace function khop.stall_threshold_list() returns table (valid_from date, amount int8, source text)
language sql stable security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
    select h.valid_from, h.amount, h.source from khop.turnover_threshold h order by h.valid_from desc limit 1000
$f$;
alter function khop.stall_threshold_list owner to khop_owner;
revoke all on function khop.stall_threshold_list from public;
comment on function khop.stall_threshold_list is 'The turnovers from which tax is due';
