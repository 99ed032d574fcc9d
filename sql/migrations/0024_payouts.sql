-- What a commune pays out every month (product.md §3.10): lists of beneficiaries, checked, submitted by one person and approved by another, paid
-- by codes of kind payout.
set local role khop_owner;

-- The standard rate that benefits are multiples of, by date.
create table khop.benefit_rate (
    valid_from date primary key,
    amount int8 not null check (amount > 0),
    decision text not null
);
insert into khop.benefit_rate (valid_from, amount, decision) values ('2021-07-01', 360000, 'Nghị định 20/2021/NĐ-CP'), ('2024-07-01', 500000, 'Nghị định 76/2024/NĐ-CP');

-- A list. Who approves is neither who made nor who submitted it. Its charges are issued by a job: the one of place n is charge_base + n.
create table khop.payout (
    bucket int4 not null,
    payout_id int8 not null,
    org_id int8 not null,
    account_id int8 not null, -- that the money leaves
    name text not null check (name <> ''),
    month date not null check (extract(day from month) = 1),
    pay_by date not null,
    state text not null check (state in ('draft', 'submitted', 'approved', 'cancelled')),
    lines int4 not null check (lines >= 0),
    amount int8 not null check (amount >= 0),
    issued int4 not null default 0 check (issued between 0 and lines),
    charge_base int8,
    note text, -- of who sent it back
    created_at timestamptz not null,
    created_by int8 not null,
    changed_at timestamptz not null,
    submitted_at timestamptz,
    submitted_by int8,
    approved_at timestamptz,
    approved_by int8,
    key_hash bytea not null check (octet_length(key_hash) = 32), -- what made it: the key of a request, or a job
    request_hash bytea not null,
    primary key (bucket, payout_id),
    check (state in ('draft', 'cancelled') or submitted_by is not null),
    check (state <> 'approved' or approved_by is not null),
    check (approved_by <> submitted_by and approved_by <> created_by)
) with (fillfactor = 70);
create index payout_of_org on khop.payout (bucket, org_id, month, payout_id);
create unique index payout_key on khop.payout (bucket, org_id, key_hash);

-- One beneficiary. `person` is a keyed hash of the personal id, made by the process with a key that the database does not have: it tells
-- whether two rows are the same person and nothing else. `from_…`: the line of an earlier list that was left unpaid and is paid with this one.
create table khop.payout_line (
    bucket int4 not null,
    payout_id int8 not null,
    place int4 not null check (place > 0),
    org_id int8 not null,
    source_row int4, -- of the file; NULL: carried over
    name text not null check (name <> ''),
    birth_on date,
    person bytea check (octet_length(person) = 16),
    amount int8 not null check (amount between 1 and 999999999999),
    bin text not null check (bin ~ '^[0-9]{6}$'),
    account_no text not null check (account_no ~ '^[0-9A-Za-z]{1,19}$'),
    holder text not null check (holder <> ''),
    payee text,       -- authorised to receive it
    payee_until date,
    from_payout int8,
    from_place int4,
    warnings text[] not null default '{}',
    code_no int4,
    primary key (bucket, payout_id, place),
    check ((from_payout is null) = (from_place is null))
) with (fillfactor = 80);
create index payout_line_person on khop.payout_line (bucket, person) where person is not null;
create unique index payout_line_from on khop.payout_line (bucket, from_payout, from_place) where from_payout is not null;

select khop.table_protect('khop.payout'), khop.table_protect('khop.payout_line'), khop.table_in_sight('khop.payout');
grant select on khop.benefit_rate to khop_fn_org;
grant select, insert on khop.payout, khop.payout_line to khop_fn_org;
grant update (state, lines, amount, issued, charge_base, note, changed_at, submitted_at, submitted_by, approved_at, approved_by) on khop.payout to khop_fn_org;
grant update (warnings, code_no, from_payout, from_place) on khop.payout_line to khop_fn_org;
