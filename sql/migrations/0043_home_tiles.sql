-- The tiles of the landing page ask for the few that wait, not through all there are.
set local role khop_owner;
create index exception_proposed on khop.exception (bucket, org_id, exception_id) where state = 'proposed';
create index round_state on khop.round (bucket, org_id, state, due_on, round_id);
create index payout_state on khop.payout (bucket, org_id, state, month, payout_id);
