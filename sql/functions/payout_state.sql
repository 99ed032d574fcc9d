-- Where a line of a payout list stands, computed from the numbers of its code and never stored.
create or replace function khop.payout_state(p_code_no int4, p_amount int8, p_paid int8, p_adjusted int8, p_cancelled bool, p_carried bool)
returns text
language sql immutable security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
    select case when p_carried then 'carried' when p_code_no is null then 'planned' when p_paid + p_adjusted >= p_amount then 'paid'
                when p_paid + p_adjusted > 0 then 'part' when p_paid > 0 then 'returned' when p_cancelled then 'cancelled' else 'waiting' end
$f$;
alter function khop.payout_state owner to khop_fn_org;
revoke all on function khop.payout_state from public;
comment on function khop.payout_state is 'State of a line of a payout list';
