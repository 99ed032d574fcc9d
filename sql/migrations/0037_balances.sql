-- The running balance that notices carry (product.md §3.6, ledger.md §6.5): where it breaks, a notice was lost, or there is one too many.
set local role khop_owner;

-- Movements of an account lead from one balance to the next, like steps of one walk: every balance at which one begins is where another one ended, but for the first.
-- Here stand the balances at which that does not come out even (net: times that one ended there less times that one began there), in whatever order the notices
-- came. Below 0 is where the account begins to be known, and behind a gap; above 0 is where it ends, and in front of a gap. from_…: the last event that
-- began there, to_…: that ended there. since: when it last changed.
create table khop.balance_mark (
    bucket int4 not null,
    account_id int8 not null,
    balance int8 not null,
    org_id int8 not null,
    net int4 not null,
    from_seq int8,
    from_at timestamptz,
    to_seq int8,
    to_at timestamptz,
    since timestamptz not null,
    exception_id int8, -- that somebody was told of the gap in front of it
    primary key (bucket, account_id, balance)
) with (fillfactor = 70);

-- How far the journal of an organisation has been looked at, from from_seq on, and when its gaps are looked at next. NULL: when something new comes.
create table khop.balance_cursor (
    bucket int4 not null,
    org_id int8 not null,
    from_seq int8 not null,
    next_seq int8 not null check (next_seq >= from_seq),
    due_at timestamptz,
    primary key (bucket, org_id)
) with (fillfactor = 50);
insert into khop.balance_cursor (bucket, org_id, from_seq, next_seq) select h.bucket, h.org_id, h.next_seq, h.next_seq from khop.org_head h;

-- Gaps that somebody was told of: the events around it, and the balances that do not meet.
create table khop.balance_gap (
    bucket int4 not null,
    exception_id int8 not null,
    org_id int8 not null,
    account_id int8 not null,
    before_seq int8 not null,
    after_seq int8 not null,
    before_balance int8 not null,
    after_balance int8 not null,
    primary key (bucket, exception_id)
);
create index balance_gap_account on khop.balance_gap (bucket, account_id, after_seq);

select khop.table_protect(t) from unnest(array['khop.balance_mark', 'khop.balance_cursor', 'khop.balance_gap']::regclass[]) t;
select khop.table_in_sight('khop.balance_mark'), khop.table_in_sight('khop.balance_gap');
grant select, insert, delete on khop.balance_mark to khop_fn_settle;
grant update (net, from_seq, from_at, to_seq, to_at, since, exception_id) on khop.balance_mark to khop_fn_settle;
grant select, insert on khop.balance_cursor, khop.balance_gap to khop_fn_settle;
grant update (next_seq, due_at) on khop.balance_cursor to khop_fn_settle;
grant select on khop.balance_gap to khop_fn_org;
