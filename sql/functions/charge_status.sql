-- The state of a charge (product.md §3.4), computed from its numbers and never stored; `paid` is what it has been paid in the end:
-- paid + adjusted. A code with an open amount stays issued.
-- Plain SQL: inlined, reads no table.
create or replace function khop.charge_status(cancelled bool, due int8, paid int8, due_on date, last_paid_at timestamptz)
returns text language sql immutable as $f$
    select case when cancelled then 'cancelled'
                when due is null or paid = 0 then 'issued'
                when paid < due then 'partially_paid'
                when paid > due then 'overpaid'
                when (last_paid_at at time zone interval '7 hours')::date > due_on then 'paid_late'
                else 'paid' end
$f$;
alter function khop.charge_status owner to khop_owner;
revoke all on function khop.charge_status from public;
grant execute on function khop.charge_status to khop_fn_org;
comment on function khop.charge_status is 'State of a charge, computed from its numbers';
