-- What is owed. Facts (charge, wide, rarely changed) stand apart from counters (charge_due, narrow, hot), and people
-- (party, erasable, security.md §10) from both. bucket is first in every key (ledger.md §8).
set local role khop_owner;

create table khop.charge (
    bucket int4 not null,
    charge_id int8 not null,
    org_id int8 not null,
    account_id int8 not null,
    code_no int4 not null,
    kind text not null,
    amount int8 check (amount between 1 and 999999999999), -- NULL: the payer decides
    label text,
    due_on date,
    expires_at timestamptz,
    token bytea not null check (octet_length(token) = 16),
    created_at timestamptz not null,
    created_by int8 not null,
    cancelled_at timestamptz,
    cancelled_by int8,
    cancel_reason text,
    primary key (bucket, charge_id)
) with (fillfactor = 90);
create unique index charge_token on khop.charge (bucket, token);
create index charge_time on khop.charge (bucket, org_id, created_at, charge_id);
create index charge_label on khop.charge (bucket, org_id, coalesce(label, '') collate "C", charge_id);

-- All that a settlement needs to know of a charge, found by the code's number. `paid` is the sum of its receipts, of which
-- last_seq gave the newest (each names the one before it).
-- No column that changes may be indexed, and a page has room for a new version of each of its rows, so that updates stay in the page
-- even when a list of a thousand pays neighbours in one transaction.
create table khop.charge_due (
    bucket int4 not null,
    code_no int4 not null,
    charge_id int8 not null,
    org_id int8 not null,
    account_id int8 not null,
    due int8 check (due > 0),
    paid int8 not null default 0 check (paid >= 0),
    expires_at timestamptz,
    last_paid_at timestamptz,
    last_seq int8,
    receipts int4 not null default 0 check (receipts >= 0),
    direction int2 not null,
    cancelled bool not null default false,
    primary key (bucket, code_no)
) with (fillfactor = 45);

-- Persons: the payer (role 1) and the payee (role 2) of a charge. Erasing one blanks its row; the books do not change.
create table khop.party (
    bucket int4 not null,
    charge_id int8 not null,
    role int2 not null check (role in (1, 2)),
    org_id int8 not null,
    ref text,
    name text,
    bin text,
    account_no text,
    primary key (bucket, charge_id, role)
);

-- Answers to repeated requests: the same key with the same request gets the same charge.
create table khop.idempotency (
    bucket int4 not null,
    org_id int8 not null,
    key_hash bytea not null check (octet_length(key_hash) = 32),
    request_hash bytea not null,
    charge_id int8 not null,
    created_at timestamptz not null,
    primary key (bucket, org_id, key_hash)
);

-- What the functions about codes answer: the code, its account and persons, and one receipt (a row per receipt; one row
-- with receipt_id NULL when there is none). rc <> 0: nothing else is set.
create type khop.code_row as (
    rc int2, repeated bool, charge_id int8, code_no int4, kind text, status text, amount int8, paid int8, label text,
    account_id int8, bin text, account_no text, holder text, payer_ref text, payer_name text,
    payee_bin text, payee_account_no text, payee_name text, due_on date, expires_at timestamptz, token bytea, created_at timestamptz,
    org_id int8, org_name text,
    receipt_id int8, receipt_year int4, receipt_no int8, receipt_amount int8, receipt_rid bytea, receipt_paid_at timestamptz
);
