-- The books (ledger.md §1–4). Journals are INSERT only; counters are narrow and updated in the page. No foreign keys,
-- triggers or sequences here: numbers come from org_head under its lock, ids and times from the caller.
set local role khop_owner;

-- One row per organisation orders everything that writes its books. chain is the last link of the journal's hash chain.
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

-- Ids of a bucket's events and raw notices, handed out by the batch: they ascend, so that new rows go to the right edge of their indexes.
create table khop.bucket_head (
    bucket int4 not null,
    next_id int8 not null,
    primary key (bucket)
) with (fillfactor = 50);

-- The journal summed up by day and pair of accounts, kept by the writers of the journal under the same lock. Balances and the
-- totals of days and months are read from here; both sides are equal because one row holds both.
create table khop.day_total (
    bucket int4 not null,
    org_id int8 not null,
    day date not null,
    debit int4 not null,
    credit int4 not null,
    n int8 not null check (n > 0),
    amount int8 not null check (amount > 0),
    primary key (bucket, org_id, day, debit, credit)
) with (fillfactor = 50);

-- What a provider sent, byte for byte. Its id is that of the first event it brought; held and witness notices have one of the caller's.
create table khop.notice (
    bucket int4 not null,
    received_on date not null,
    notice_id int8 not null,
    account_id int8 not null,
    connection_id int8 not null,
    received_at timestamptz not null,
    body bytea not null,
    body_hash bytea not null,
    primary key (bucket, received_on, notice_id)
) partition by range (received_on);

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

-- The journal: one row holds both sides. A notice accepted as money is its own row of the journal with the outcome, and the
-- idempotency record for ever (design.md §5), so that an event and its transfer cannot differ.
-- kind 1: a bank event that paid a charge, 2: one that went to suspense. A mistake is a new row that names the old one in `reverses`.
-- The last row that a batch writes for an organisation is a link: chain = sha256(chain of the link before, sha256(the rows since)).
-- Columns are ordered so that no byte is lost to alignment.
create table khop.transfer (
    bucket int4 not null,
    booked_on date not null,
    org_id int8 not null,
    seq int8 not null,
    event_id int8 not null,
    amount int8 not null check (amount > 0),
    recorded_at timestamptz not null,
    debit int4 not null,
    credit int4 not null,
    account_id int8,
    paid_at timestamptz,
    balance_after int8,
    notice_id int8, -- NULL: its notice has the number of the event
    reverses int8,
    code_no int4,
    receipt_no int4,
    receipt_year int2,
    kind int2 not null,
    provider int2,
    direction int2 check (direction in (1, 2)),
    outcome int2 check (outcome between 1 and 12),
    how int2,
    ext_id text collate "C",
    reference text,
    body_hash bytea,
    chain bytea,
    primary key (bucket, org_id, seq),
    check (debit <> credit)
);
create unique index transfer_event on khop.transfer (bucket, account_id, provider, ext_id);

-- A receipt says which transfer pays which charge with how much, under a gapless number in the book of a year; with its
-- transfer it holds everything that is signed. Its id is its event's: ids ascend with seq, so that one is found by halves, without an
-- index (event_seq). rid is what the public address carries. The receipts of a charge are a list: charge_due knows the transfer
-- that gave the last one, `previous` the one before it.
create table khop.receipt (
    bucket int4 not null,
    code_no int4 not null,
    org_id int8 not null,
    seq int8 not null,
    amount int8 not null check (amount > 0),
    previous int8,
    year int4 not null,
    no int4 not null,
    key_no int2 not null,
    rid bytea not null check (octet_length(rid) = 16),
    primary key (bucket, org_id, year, no)
);
create unique index receipt_by_rid on khop.receipt (bucket, rid);

-- A void keeps its number: the receipt stays, this says that it no longer counts.
create table khop.receipt_void (
    bucket int4 not null,
    org_id int8 not null,
    year int4 not null,
    no int4 not null,
    reason text not null,
    voided_at timestamptz not null,
    primary key (bucket, org_id, year, no)
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

-- What others are to be told. The journal is the outbox: it is written with the money, without a gap, in order. Here stands how far a
-- topic of an organisation has been passed on (1: charges have been paid); org_head.next_seq says how far there is to go.
create table khop.outbox (
    bucket int4 not null,
    topic int2 not null,
    org_id int8 not null,
    next_seq int8 not null check (next_seq > 0),
    primary key (bucket, org_id, topic)
) with (fillfactor = 50);

-- What the functions about receipts answer. rc <> 0: nothing else is set.
create type khop.receipt_row as (
    rc int2, receipt_id int8, bucket int4, org_id int8, org_name text, org_code text, year int4, no int8, rid bytea, charge_id int8,
    code_no int4, amount int8, paid_at timestamptz, issued_at timestamptz, kid text, iss text, public_key bytea, voided bool,
    label text, kind text, reference text
);
