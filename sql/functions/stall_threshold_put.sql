-- From a day on, another turnover is where tax begins. For the operator (khop threshold).
create or replace function khop.stall_threshold_put(p_from date, p_amount int8, p_source text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
begin
    insert into khop.turnover_threshold (valid_from, amount, source) values (p_from, p_amount, p_source)
    on conflict (valid_from) do update set amount = excluded.amount, source = excluded.source;
end $f$;
alter function khop.stall_threshold_put owner to khop_owner;
revoke all on function khop.stall_threshold_put from public;
comment on function khop.stall_threshold_put is 'Sets the turnover of a year from which tax is due, from a day on';
