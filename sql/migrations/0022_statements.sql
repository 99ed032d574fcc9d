-- Statements of the bank: files, their lines, and which line is which event of the books (ledger.md §6). What a bank has said stays: these tables are
-- INSERT only, but for the rows of a job at work.
set local role khop_owner;

-- Some event of this organisation came from a statement, because its notice was lost: from now on settlement looks whether a notice is that line's.
alter table khop.org_head add column healed bool not null default false;
grant update (healed) on khop.org_head to khop_fn_settle;

-- A file, with what it says of itself. covered_until: what was paid before it must stand in this file. opening and closing NULL: the file
-- has no balances.
create table khop.statement_file (
    bucket int4 not null,
    file_id int8 not null,
    org_id int8 not null,
    account_id int8 not null,
    hash bytea not null check (octet_length(hash) = 32),
    size int4 not null check (size > 0),
    format text not null,
    profile text not null,
    covered_from date not null,
    covered_to date not null,
    covered_until timestamptz not null,
    opening int8,
    closing int8,
    lines int4 not null check (lines >= 0),
    new_lines int4 not null check (new_lines between 0 and lines),
    credit int8 not null check (credit >= 0),
    debit int8 not null check (debit >= 0),
    stored_at timestamptz not null,
    stored_by int8 not null,
    job_id int8 not null,
    primary key (bucket, file_id),
    check (covered_from <= covered_to)
);
create unique index statement_file_hash on khop.statement_file (bucket, account_id, hash);
create index statement_file_time on khop.statement_file (bucket, org_id, stored_at, file_id);

-- The file itself, cut anywhere.
create table khop.statement_piece (
    bucket int4 not null,
    file_id int8 not null,
    at int4 not null check (at >= 0),
    org_id int8 not null,
    bytes bytea not null,
    primary key (bucket, file_id, at)
);
alter table khop.statement_piece alter column bytes set storage external;

-- A movement that the bank has booked. `key` says what it is, whatever file brings it: the bank's reference where that is unique, else all
-- that the line says, with how many such lines stood before it (statement_store). amount is above 0 for money in. code_no: the one code
-- that its memo has for sure; codes and hows: all that may be one (pay/match).
create table khop.statement_line (
    bucket int4 not null,
    account_id int8 not null,
    line_no int8 not null,
    org_id int8 not null,
    bank_date date not null,
    second int4 check (second between 0 and 86399), -- of the day
    amount int8 not null check (amount <> 0),
    balance_after int8,
    code_no int4,
    file_id int8 not null, -- which brought it first, and where
    file_row int4 not null,
    by_reference bool not null,
    reversal bool not null,
    key text collate "C" not null,
    reference text,
    memo text,
    memo_key text not null,
    codes int4[] not null,
    hows int2[] not null,
    counter_name text,
    counter_account text,
    counter_bank text,
    primary key (bucket, account_id, line_no)
);
create unique index statement_line_key on khop.statement_line (bucket, account_id, key);
create index statement_line_date on khop.statement_line (bucket, account_id, bank_date, line_no);

-- Which lines a file has, in the order of time. sum: of the amounts of this file up to here.
create table khop.statement_row (
    bucket int4 not null,
    file_id int8 not null,
    place int4 not null check (place > 0),
    org_id int8 not null,
    account_id int8 not null,
    line_no int8 not null,
    sum int8 not null,
    primary key (bucket, file_id, place)
);
create unique index statement_row_line on khop.statement_row (bucket, account_id, line_no, file_id);

-- A line is an event. rule: 1 reference, 2 balance, 3 code, 4 memo, 5 count of equal amounts, 6 reference with another amount,
-- 9 settled from the line itself.
create table khop.line_event (
    bucket int4 not null,
    account_id int8 not null,
    line_no int8 not null,
    org_id int8 not null,
    seq int8 not null,
    rule int2 not null,
    linked_at timestamptz not null,
    primary key (bucket, account_id, line_no)
);
create unique index line_event_once on khop.line_event (bucket, org_id, seq);

-- Lines that were settled because no notice had come; and the notices that came late all the same.
create table khop.healed_line (
    bucket int4 not null,
    account_id int8 not null,
    line_no int8 not null,
    org_id int8 not null,
    seq int8 not null,
    direction int2 not null,
    amount int8 not null check (amount > 0),
    bank_date date not null,
    balance_after int8,
    code_no int4,
    reference text,
    memo_key text not null,
    primary key (bucket, account_id, line_no)
);
create index healed_line_amount on khop.healed_line (bucket, account_id, amount, bank_date);
create table khop.healed_notice (
    bucket int4 not null,
    account_id int8 not null,
    provider int2 not null,
    ext_id text collate "C" not null,
    line_no int8 not null,
    org_id int8 not null,
    notice_id int8 not null,
    body_hash bytea not null,
    recorded_at timestamptz not null,
    primary key (bucket, account_id, provider, ext_id)
);
create unique index healed_notice_line on khop.healed_notice (bucket, account_id, line_no);

-- Items that a person sees about files: which line (the one behind the gap) or event each exception is about. Reason 1 balance_gap,
-- 2 not_on_statement, 3 amount_conflict.
create table khop.statement_item (
    bucket int4 not null,
    account_id int8 not null,
    reason int2 not null check (reason between 1 and 3),
    about int8 not null, -- line_no; of reason 2 the event's seq
    org_id int8 not null,
    exception_id int8 not null,
    before_line int8,    -- of a gap: the line before it
    primary key (bucket, account_id, reason, about)
);
create index statement_item_exception on khop.statement_item (bucket, exception_id);

-- Rows of a file that a job is reading, until all of them can count at once.
create table khop.statement_stage (
    bucket int4 not null,
    job_id int8 not null,
    place int4 not null check (place > 0),
    org_id int8 not null,
    file_row int4 not null,
    bank_date date not null,
    second int4,
    amount int8 not null,
    balance_after int8,
    code_no int4,
    by_reference bool not null,
    reversal bool not null,
    reference text,
    memo text,
    memo_key text not null,
    codes int4[] not null,
    hows int2[] not null,
    counter_name text,
    counter_account text,
    counter_bank text,
    key text,
    line_no int8,
    primary key (bucket, job_id, place)
);

select khop.table_protect(t) from unnest(array['khop.statement_file', 'khop.statement_piece', 'khop.statement_line', 'khop.statement_row', 'khop.line_event',
    'khop.healed_line', 'khop.healed_notice', 'khop.statement_item', 'khop.statement_stage']::regclass[]) t;
select khop.table_in_sight(t) from unnest(array['khop.statement_file', 'khop.statement_line', 'khop.statement_row', 'khop.line_event', 'khop.healed_line',
    'khop.healed_notice', 'khop.statement_item']::regclass[]) t;
grant select, insert on khop.statement_file, khop.statement_piece, khop.statement_line, khop.statement_row, khop.line_event, khop.healed_line,
    khop.healed_notice, khop.statement_item to khop_fn_settle;
grant select, insert, delete on khop.statement_stage to khop_fn_settle;
grant update (key, line_no) on khop.statement_stage to khop_fn_settle;
grant select on khop.statement_file, khop.statement_line, khop.statement_row, khop.line_event, khop.healed_line, khop.healed_notice,
    khop.statement_item to khop_fn_org;
grant select on khop.job, khop.job_chunk to khop_fn_settle;
