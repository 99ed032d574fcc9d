-- Does a charge stand in the list of what is owed (open: money is missing, and may still come), or of what has been paid in full? Reads no table.
create or replace function khop.report_charge_is(p_open bool, p_now timestamptz, due int8, paid int8, direction int2, cancelled bool, expires_at timestamptz)
returns bool language sql immutable as $f$
    select coalesce(direction = 1 and case when p_open then paid < due and not cancelled and coalesce(expires_at > p_now, true)
                                           else due is not null and paid >= due end, false)
$f$;
alter function khop.report_charge_is owner to khop_owner;
revoke all on function khop.report_charge_is from public;
grant execute on function khop.report_charge_is to khop_fn_org;
comment on function khop.report_charge_is is 'Is a charge owed, or has it been paid in full?';
