-- Names of the outcomes of settle_batch, as the API and the audit views say them. Plain SQL: inlined, reads no table.
create or replace function khop.outcome_name(outcome int2) returns text language sql immutable as $f$
    select (array['settled', 'short', 'over', 'already_paid', 'unknown_code', 'cancelled', 'expired', 'no_code', 'wrong_account',
                  'several_charges', 'out_of_direction', 'ambiguous_code'])[outcome]
$f$;
alter function khop.outcome_name owner to khop_owner;
revoke all on function khop.outcome_name from public;
grant execute on function khop.outcome_name to khop_audit, khop_fn_org;
comment on function khop.outcome_name is 'Text name of an outcome number';
