-- The books (ledger.md §1–4). Journals are INSERT only; counters are narrow and updated in the page. No foreign keys,
-- triggers or sequences here: numbers come from org_head under its lock, ids and times from the caller.
set local role khop_owner;

-- One row per organisation orders everything that writes its books. chain is the head of the journal's hash chain.
create table khop.org_head (
    bucket int4 not null,
    org_id int8 not null,
    open_day date not null,
    next_seq int8 not null default 1,
    receipt_year int4 not null,
    next_receipt int8 not null default 1,
    chain bytea not null default decode(repeat('00', 32), 'hex'),
    primary key (bucket, org_id)
) with (fillfactor = 50);

create table khop.balance (
    bucket int4 not null,
    org_id int8 not null,
    account int4 not null,
    dr int8 not null default 0 check (dr >= 0),
    cr int8 not null default 0 check (cr >= 0),
    primary key (bucket, org_id, account)
) with (fillfactor = 50);

-- What a provider sent, byte for byte. Found by (notice_id, received_on), which events and exceptions name.
create table khop.notice (
    bucket int4 not null,
    notice_id int8 not null,
    received_on date not null,
    org_id int8 not null,
    account_id int8 not null,
    connection_id int8 not null,
    received_at timestamptz not null,
    body bytea not null,
    body_hash bytea not null,
    primary key (bucket, notice_id, received_on)
) partition by range (received_on);
create index notice_time on khop.notice using brin (received_at);

-- What has been seen besides bank events, so that a repeat is known: 1 held bodies, 2 witness bodies, 3 other contents of a known event.
create table khop.notice_key (
    bucket int4 not null,
    account_id int8 not null,
    provider int2 not null,
    purpose int2 not null check (purpose between 1 and 3),
    key bytea not null,
    org_id int8 not null,
    primary key (bucket, account_id, provider, purpose, key)
);

-- A notice accepted as money: the idempotency record, for ever, with its outcome (design.md §5).
create table khop.bank_event (
    bucket int4 not null,
    account_id int8 not null,
    provider int2 not null,
    direction int2 not null check (direction in (1, 2)),
    outcome int2 not null check (outcome between 1 and 12),
    how int2,
    ext_id text collate "C" not null,
    org_id int8 not null,
    event_id int8 not null,
    notice_id int8 not null,
    amount int8 not null check (amount > 0),
    charge_id int8,
    seq int8 not null,
    receipt_no int8,
    receipt_year int4,
    code_no int4,
    paid_at timestamptz not null,
    recorded_at timestamptz not null,
    balance_after int8,
    reference text,
    body_hash bytea not null,
    primary key (bucket, account_id, provider, ext_id)
);

-- The journal: one row holds both sides. kind 1: a bank event that paid a charge, 2: one that went to suspense.
-- A mistake is a new row that names the old one in `reverses`.
create table khop.transfer (
    bucket int4 not null,
    booked_on date not null,
    org_id int8 not null,
    seq int8 not null,
    debit int4 not null,
    credit int4 not null,
    amount int8 not null check (amount > 0),
    event_id int8,
    charge_id int8,
    reverses int8,
    recorded_at timestamptz not null,
    kind int2 not null,
    primary key (bucket, org_id, seq, booked_on),
    check (debit <> credit)
) partition by range (booked_on);
create index transfer_time on khop.transfer using brin (recorded_at);

-- One row per batch and organisation: digest over the rows first_seq … last_seq, chain = sha256(previous chain, digest).
create table khop.journal_link (
    bucket int4 not null,
    org_id int8 not null,
    last_seq int8 not null,
    first_seq int8 not null,
    digest bytea not null,
    chain bytea not null,
    primary key (bucket, org_id, last_seq)
);

-- A receipt: its gapless number in the book of a year, and everything that is signed. rid is what the public address carries.
create table khop.receipt (
    bucket int4 not null,
    year int4 not null,
    org_id int8 not null,
    no int8 not null,
    receipt_id int8 not null,
    charge_id int8 not null,
    amount int8 not null check (amount > 0),
    seq int8 not null,
    paid_at timestamptz not null,
    issued_at timestamptz not null,
    code_no int4 not null,
    key_no int2 not null,
    reference text,
    rid bytea not null check (octet_length(rid) = 16),
    primary key (bucket, org_id, year, no)
);
create unique index receipt_by_id on khop.receipt (bucket, receipt_id);
create unique index receipt_by_rid on khop.receipt (bucket, rid);

-- A void keeps its number: the receipt stays, this says that it no longer counts.
create table khop.receipt_void (
    bucket int4 not null,
    org_id int8 not null,
    year int4 not null,
    no int8 not null,
    reason text not null,
    voided_at timestamptz not null,
    primary key (bucket, org_id, year, no)
);

-- Which transfer pays which charge, and the receipt that says so.
create table khop.allocation (
    bucket int4 not null,
    receipt_year int4,
    charge_id int8 not null,
    seq int8 not null,
    org_id int8 not null,
    amount int8 not null check (amount > 0),
    receipt_no int8,
    primary key (bucket, charge_id, seq)
);

-- What a person must look at. held is the money that waits in suspense for it, 0 when none does.
create table khop.exception (
    bucket int4 not null,
    exception_id int8 not null,
    org_id int8 not null,
    account_id int8 not null,
    provider int2 not null,
    direction int2,
    reason text not null,
    state text not null default 'open' check (state in ('open', 'proposed', 'resolved', 'dismissed', 'self_resolved')),
    held int8 not null default 0 check (held >= 0),
    amount int8,
    charge_id int8,
    code_no int4,
    seq int8,
    ext_id text,
    memo text,
    notice_id int8 not null,
    opened_at timestamptz not null,
    primary key (bucket, exception_id)
);
create index exception_time on khop.exception (bucket, org_id, opened_at, exception_id);

-- What others are to be told, written with the money; a job delivers it. topic 1: a charge has been paid.
create table khop.outbox (
    bucket int4 not null,
    topic int2 not null,
    org_id int8 not null,
    seq int8 not null,
    charge_id int8 not null,
    amount int8 not null,
    created_at timestamptz not null,
    delivered_at timestamptz,
    primary key (bucket, org_id, seq, topic)
) with (fillfactor = 90);

-- What the functions about receipts answer. rc <> 0: nothing else is set.
create type khop.receipt_row as (
    rc int2, receipt_id int8, bucket int4, org_id int8, org_name text, org_code text, year int4, no int8, rid bytea, charge_id int8,
    code_no int4, amount int8, paid_at timestamptz, issued_at timestamptz, kid text, iss text, public_key bytea, voided bool,
    label text, kind text, reference text
);
