-- What the parts of a settlement hand to one another (settle_batch, settle_decide, settle_counters): arrays of rows. One array_agg of rows
-- is a tenth of the work of one per column, which a batch of one event would pay alone.
set local role khop_owner;

create type khop.settle_account as (id int8, org int8, ledger int4);
create type khop.settle_book as (org int8, open_day date, seq int8, year int4, no int8, chain bytea);
-- What becomes of an event, in the order of events; see settle_decide.
create type khop.settle_decision as (
    st int2, how int2, code int4, charge_id int8, previous int8, previous_o int4, first_o int4, conflict bool, clash bool, at int4,
    s_event int8, s_outcome int2, s_seq int8, s_year int2, s_no int4, s_charge int8
);
create type khop.settle_due as (code_no int4, amount int8, paid_at timestamptz, seq int8, n int4);
create type khop.settle_total as (org_id int8, day date, debit int4, credit int4, n int8, amount int8);
create type khop.settle_head as (org_id int8, next_seq int8, year int4, next_receipt int8, chain bytea);
drop function if exists khop.settle_decide;
