-- What is done when the bank says otherwise (ledger.md §6.1): an event that stands in no statement is reversed, one with another amount is reversed and settled
-- again from its line, a payment that the bank took back reopens its charge and its receipt is void.
set local role khop_owner;

-- The second row that a row of the journal acts on. kind 8: the payment that the bank took back (of_seq: the event that took it); its receipt is void.
alter table khop.act add column other_seq int8;
create unique index act_other on khop.act (bucket, org_id, other_seq) where other_seq is not null; -- nothing is taken back twice
drop function if exists khop.journal_line; -- it covers one column more
drop function if exists khop.book; -- and takes it

alter table khop.match drop constraint match_action_check;
alter table khop.match add check (action in ('allocate', 'credit_use', 'none', 'link', 'split', 'credit', 'refund', 'write_off', 'return', 'reverse', 'dismiss',
    'propose', 'refuse', 'undo', 'correct', 'take_back'));

-- Reason 4, duplicate_notice: `about` is the event, before_line the line that is another event already. An event that a decision was undone about is
-- there again under a new number: so an exception may be about several, the last one counts.
alter table khop.statement_item drop constraint statement_item_reason_check;
alter table khop.statement_item add check (reason between 1 and 4);

-- A line whose event (line_event, rule 6) had another amount: that event is reversed, this one was settled from the line.
create table khop.line_correction (
    bucket int4 not null,
    account_id int8 not null,
    line_no int8 not null,
    org_id int8 not null,
    seq int8 not null,
    match_id int8 not null,
    corrected_at timestamptz not null,
    primary key (bucket, account_id, line_no)
);
create unique index line_correction_once on khop.line_correction (bucket, org_id, seq);
select khop.table_protect('khop.line_correction'), khop.table_in_sight('khop.line_correction');
grant select, insert on khop.line_correction to khop_fn_settle;
grant select on khop.line_correction to khop_fn_org;

-- They take or give other things from now on.
do $$
declare
    v_fn regprocedure;
begin
    for v_fn in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'khop'::regnamespace and p.proname in ('exception_show', 'exception_undo') loop
        execute 'drop function ' || v_fn;
    end loop;
end $$;
