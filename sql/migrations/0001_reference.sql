-- Schemas and the small tables that every bucket reads: organisations, their accounts, where notices come from, keys, tokens.
create schema if not exists khop;
alter schema khop owner to khop_owner;
create schema if not exists audit;
alter schema audit owner to khop_owner;
revoke all on schema public from public;
grant usage on schema khop to khop_fn_settle, khop_fn_org, khop_serve, khop_jobs;
grant usage on schema audit to khop_audit;
do $$ begin
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect on database %I to khop_serve, khop_jobs, khop_audit', current_database());
end $$;

create table if not exists khop.schema_migration (
    version int primary key,
    name text not null,
    hash text not null,
    applied_at timestamptz not null
);
create table if not exists khop.schema_functions (hash text not null);
alter table khop.schema_migration owner to khop_owner;
alter table khop.schema_functions owner to khop_owner;

set local role khop_owner;

-- Kinds of payment codes (design.md §4): the letter after S, what the API calls it, which way the money goes (1 in, 2 out).
create table khop.code_kind (
    letter text primary key check (letter ~ '^[2-9A-HJKMNP-Z]$'),
    name text not null unique,
    direction int2 not null check (direction in (1, 2))
);
insert into khop.code_kind (letter, name, direction)
values ('B', 'fee', 1), ('C', 'stall', 1), ('P', 'payout', 2), ('V', 'service', 1), ('K', 'card', 1);

-- An organisation: one set of books. `code` is signed into receipts, so it never changes; nor does the bucket.
create table khop.org (
    org_id int8 primary key,
    bucket int4 not null check (bucket between 0 and 32767),
    name text not null check (name <> ''),
    kind text not null check (kind in ('school', 'market', 'clinic', 'commune')),
    code text not null unique check (code <> ''),
    created_at timestamptz not null,
    check (org_id >> 48 = bucket)
);

-- Accounts of an organisation's books. Types as an accountant says them: 1 asset, 2 liability, 3 receivable, 4 suspense.
create table khop.chart (
    org_id int8 not null references khop.org,
    account int4 not null,
    name text not null,
    type int2 not null check (type between 1 and 4),
    primary key (org_id, account)
);

-- A receiving account at a bank. ledger_no is its account in the books: 112101, 112102 … per organisation.
create table khop.account (
    account_id int8 primary key,
    org_id int8 not null references khop.org,
    bucket int4 not null,
    bin text not null check (bin ~ '^[0-9]{6}$'),
    account_no text not null check (account_no ~ '^[0-9A-Za-z]{1,19}$'),
    holder text not null,
    ledger_no int4 not null check (ledger_no between 112101 and 112199),
    created_at timestamptz not null,
    unique (bin, account_no),
    unique (org_id, ledger_no),
    check (account_id >> 48 = bucket)
);

-- Where an account's notices come from. One connection of an account settles, the others are witnesses (ledger.md §1).
create table khop.connection (
    connection_id int8 primary key,
    hook bytea not null unique check (octet_length(hook) = 16),
    org_id int8 not null references khop.org,
    bucket int4 not null,
    account_id int8 not null references khop.account,
    provider int2 not null,
    mode int2 not null,
    role int2 not null check (role in (1, 2)),
    active bool not null default true,
    created_at timestamptz not null,
    check (connection_id >> 48 = bucket)
);
create unique index connection_one_settles on khop.connection (account_id) where role = 1 and active;
create index connection_of_org on khop.connection (org_id, connection_id);

-- Sealed by the process; the database never holds the key. At most three are active.
create table khop.connection_secret (
    secret_id int8 primary key,
    connection_id int8 not null references khop.connection,
    org_id int8 not null,
    sealed bytea not null,
    created_at timestamptz not null,
    ended_at timestamptz
);
create index connection_secret_active on khop.connection_secret (connection_id) where ended_at is null;

create table khop.api_token (
    token_id int8 primary key,
    token_hash bytea not null unique check (octet_length(token_hash) = 32),
    org_id int8 not null references khop.org,
    bucket int4 not null,
    scopes int4 not null check (scopes between 1 and 15),
    name text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz
);

-- Public halves of the keys that sign receipts: every key ever used.
create table khop.receipt_key (
    key_no int2 primary key,
    kid text not null,
    public_key bytea not null check (octet_length(public_key) = 32),
    iss text not null,
    valid_from timestamptz not null,
    revoked_at timestamptz,
    unique (kid, iss) -- a server that moves to another origin keeps its key; receipts keep the origin that they were made at
);
