-- What happens to money after its bank event: further rows of the journal, each naming the row that it acts on (product.md §3.5, 3.7;
-- ledger.md §2, 4, 6). Written by khop.book alone.
set local role khop_owner;

-- The journal. kind 1 and 2 are bank events, with ext_id; what follows is ours:
--   3 allocation: money in suspense pays a charge, with a receipt      3388 → 131 of code_no       (money out: 3318 of code_no → 1388)
--   4 credit given to a payer, out of suspense or of an overpaid charge 3388, 131 of code_no → 3387 of payer_id
--   5 credit used: it pays a charge; the receipt was for the money      3387 of payer_id → 131 of code_no
--   6 refund owed: the payout code to_code pays it out                  3388, 131 of code_no, 3387 of payer_id → 3318
--   7 reversal of a row, sides changed; a receipt it gave is void
--   8 returned: money that came back reopens the payout it was for      3388 → 3318 of code_no       (the bank took it back: 131 of code_no → 1388)
--   9 neither a charge's nor a payer's: other income, other expense     3388 → 711                   (money out: 811 → 1388)
-- of_seq: the row this one acts on; that of a bank event where money leaves suspense. (It was never written under its old name.)
alter table khop.transfer rename column reverses to of_seq;
create index transfer_of on khop.transfer (bucket, org_id, of_seq) where of_seq is not null;
create unique index transfer_reversed on khop.transfer (bucket, org_id, of_seq) where kind = 7; -- nothing is reversed twice

-- The columns that only such rows have, apart: they are few, and a wider journal would tip the plans of settlement (on tables without statistics
-- the planner takes wide rows for few, and then every index that begins with the bucket for as good as the key).
create table khop.act (
    bucket int4 not null,
    org_id int8 not null,
    seq int8 not null,
    match_id int8 not null, -- the decision
    actor int8,             -- who decided; NULL: a rule of ours
    payer_id int8,
    to_code int4,
    primary key (bucket, org_id, seq)
);
create index act_to on khop.act (bucket, to_code) where to_code is not null;
drop function if exists khop.journal_line; -- it covers more columns now

-- Credit of payers, a counter: its sum is account 3387.
create table khop.credit (
    bucket int4 not null,
    payer_id int8 not null,
    org_id int8 not null,
    amount int8 not null check (amount >= 0),
    primary key (bucket, payer_id)
) with (fillfactor = 70);

-- Decisions about money, of a rule or a person (ledger.md §6.7): insert only, undone by another that names it. first_seq … last_seq are
-- the rows of the journal that it wrote.
create table khop.match (
    bucket int4 not null,
    match_id int8 not null,
    org_id int8 not null,
    exception_id int8,
    action text not null check (action in ('allocate', 'credit_use', 'none', 'link', 'split', 'credit', 'refund', 'write_off', 'return', 'reverse',
        'dismiss', 'propose', 'refuse', 'undo')),
    rule text not null,          -- 'person', or the rule's name
    rule_version int2 not null,
    previous int8,               -- the decision that this one undoes, refuses or carries out
    made_at timestamptz not null,
    actor int8,                  -- NULL: a rule of ours
    requested_by int8,           -- where two people are needed: who asked; actor is who agreed
    reason text,
    evidence jsonb not null,     -- what was known, the candidates, and why the others lost
    first_seq int8,
    last_seq int8,
    primary key (bucket, match_id),
    check (requested_by <> actor),
    check (rule = 'person' or actor is null),
    check ((first_seq is null) = (last_seq is null) and first_seq <= last_seq)
);
create index match_exception on khop.match (bucket, exception_id, match_id) where exception_id is not null;

-- An exception that a rule has yet to try, and one that waits for a second person. An item that asks for a refund has no notice.
alter table khop.exception add column pending bool not null default false;
alter table khop.exception add column proposal int8; -- the decision that is proposed
alter table khop.exception alter column provider drop not null;
alter table khop.exception alter column notice_id drop not null;
create index exception_pending on khop.exception (bucket, exception_id) where pending;

alter table khop.chart drop constraint chart_type_check;
alter table khop.chart add check (type between 1 and 6); -- 5 income, 6 expense
insert into khop.chart (org_id, account, name, type)
select o.org_id, c.account, c.name, c.type
  from khop.org o, (values (3387, 'Tiền nộp trước của người nộp', 2::int2), (711, 'Thu nhập khác', 5::int2), (811, 'Chi phí khác', 6::int2)) c (account, name, type);

select khop.table_protect('khop.act'), khop.table_protect('khop.credit'), khop.table_protect('khop.match');
grant select, insert on khop.act, khop.credit, khop.match, khop.receipt_void to khop_fn_settle;
grant update (amount) on khop.credit to khop_fn_settle;
grant update (state, held, pending, proposal) on khop.exception to khop_fn_settle;
grant select on khop.act, khop.credit, khop.match to khop_fn_org;
