-- Whether the file of a job names many people: then it is made for somebody who has just proved to be there. A single receipt is no list, and who
-- has paid what is in no other report than these. Reads no table.
create or replace function khop.job_named(p_kind text, p_params jsonb) returns bool language sql immutable as $f$
    select p_kind in ('slips', 'round_list', 'payout_batch', 'payout_report') or p_kind = 'report' and p_params ->> 'name' in ('unpaid', 'paid', 'receipts')
$f$;
alter function khop.job_named owner to khop_owner;
revoke all on function khop.job_named from public;
grant execute on function khop.job_named to khop_fn_org;
comment on function khop.job_named is 'Whether the file of a job names many people';
