-- A school's fees: what pupils are entitled to, what may be asked at most, rounds of items × pupils.
set local role khop_owner;

-- As people here sort: by the Vietnamese alphabet, 2A before 10A.
create collation khop.vn (provider = icu, locale = 'vi-u-kn');

-- What the state pays for a pupil (product.md §3.8): its rate has dates and a limit of months in a school year (September to August). `covers` is
-- the kind
-- of fee that it is set against, NULL any; what is left of it is not paid out.
create table khop.support_policy (
    policy text primary key check (policy ~ '^[a-z_]{2,32}$'),
    label text not null,
    covers text check (covers ~ '^[a-z]{2,16}$')
);
create table khop.support_rate (
    policy text not null, -- of support_policy
    valid_from date not null,
    valid_to date check (valid_to >= valid_from),
    amount int8 not null check (amount between 1 and 99999999),
    months int4 not null check (months between 1 and 12),
    decision text not null,
    primary key (policy, valid_from)
);
insert into khop.support_policy (policy, label, covers) values
    ('boarding_food', 'Hỗ trợ tiền ăn học sinh bán trú', 'meal'),
    ('boarding_housing', 'Hỗ trợ tiền nhà ở', 'housing'),
    ('nursery_lunch', 'Hỗ trợ ăn trưa trẻ nhà trẻ', 'meal');
insert into khop.support_rate (policy, valid_from, amount, months, decision) values
    ('boarding_food', '2025-05-01', 936000, 9, 'Nghị định 66/2025/NĐ-CP'),
    ('boarding_housing', '2025-05-01', 360000, 9, 'Nghị định 66/2025/NĐ-CP'),
    ('nursery_lunch', '2025-05-01', 360000, 9, 'Nghị định 66/2025/NĐ-CP');

-- Who is entitled. `more_months`: beyond the policy's (a first-grader of an ethnic minority has one more).
create table khop.payer_support (
    bucket int4 not null,
    payer_id int8 not null,
    policy text not null,
    org_id int8 not null,
    valid_from date not null,
    valid_to date,
    more_months int4 not null default 0 check (more_months between 0 and 3),
    changed_at timestamptz not null,
    primary key (bucket, payer_id, policy)
);

-- The most that may be asked for a kind of fee (product.md §3.9), by a decision that the organisation is under.
create table khop.fee_ceiling (
    bucket int4 not null,
    ceiling_id int8 not null,
    org_id int8 not null,
    kind text not null check (kind ~ '^[a-z]{2,16}$'),
    amount int8 not null check (amount between 1 and 999999999999),
    decision text not null check (decision <> ''),
    valid_from date not null,
    valid_to date check (valid_to >= valid_from),
    created_at timestamptz not null,
    created_by int8 not null,
    primary key (bucket, ceiling_id)
);
create index fee_ceiling_of_org on khop.fee_ceiling (bucket, org_id, kind, valid_from);

-- A round. Who approves is neither who made nor who proposed it. Its charges are issued by a job: the one of place n is charge_base + n.
create table khop.round (
    bucket int4 not null,
    round_id int8 not null,
    org_id int8 not null,
    account_id int8 not null,
    name text not null check (name <> ''),
    month date not null check (extract(day from month) = 1), -- what it is for
    due_on date not null,
    state text not null check (state in ('draft', 'proposed', 'approved', 'cancelled')),
    payers int4 not null check (payers >= 0),  -- places given
    charges int4 not null check (charges between 0 and payers), -- of which ask for money
    amount int8 not null check (amount >= 0),
    issued int4 not null default 0 check (issued between 0 and charges),
    charge_base int8,
    note text,            -- of who sent it back
    reason text,          -- why it goes above a ceiling
    created_at timestamptz not null,
    created_by int8 not null,
    changed_at timestamptz not null,
    proposed_at timestamptz,
    proposed_by int8,
    approved_at timestamptz,
    approved_by int8,
    cancelled_at timestamptz,
    cancelled_by int8,
    primary key (bucket, round_id),
    check ((state in ('draft', 'cancelled')) or proposed_by is not null),
    check (state <> 'approved' or approved_by is not null),
    check (approved_by <> proposed_by and approved_by <> created_by)
) with (fillfactor = 70);
create index round_of_org on khop.round (bucket, org_id, created_at, round_id);

-- What is asked for: `by_class` has the amounts of classes that differ ({"1A": 120000}; 0: nothing).
create table khop.round_item (
    bucket int4 not null,
    round_id int8 not null,
    place int2 not null check (place between 1 and 30),
    org_id int8 not null,
    label text not null check (label <> ''),
    kind text not null check (kind ~ '^[a-z]{2,16}$'),
    amount int8 not null check (amount between 0 and 999999999999),
    by_class jsonb not null default '{}',
    primary key (bucket, round_id, place)
);

-- Who is asked, in the order of class and given name. code_no and charge_id once issued; amount 0: support covers all.
create table khop.round_payer (
    bucket int4 not null,
    round_id int8 not null,
    place int4 not null check (place > 0),
    org_id int8 not null,
    payer_id int8 not null,
    class text not null,
    amount int8 not null check (amount >= 0),
    code_no int4,
    primary key (bucket, round_id, place)
) with (fillfactor = 80);
create unique index round_payer_once on khop.round_payer (bucket, payer_id, round_id);

-- The lines of a bill before it is one: items, and support below zero (its place is 30 and more, `policy` names it).
create table khop.round_line (
    bucket int4 not null,
    round_id int8 not null,
    payer_id int8 not null,
    place int2 not null check (place between 1 and 50),
    org_id int8 not null,
    label text not null,
    amount int8 not null check (amount <> 0),
    policy text,
    primary key (bucket, round_id, payer_id, place)
);

select khop.table_protect(t::regclass) from unnest(array['khop.payer_support', 'khop.fee_ceiling', 'khop.round', 'khop.round_item',
    'khop.round_payer', 'khop.round_line']) t;
grant select on khop.support_policy, khop.support_rate to khop_fn_org;
grant select, insert on khop.payer_support, khop.fee_ceiling, khop.round to khop_fn_org;
grant select, insert, delete on khop.round_item, khop.round_payer, khop.round_line to khop_fn_org;
grant update (valid_from, valid_to, more_months, changed_at) on khop.payer_support to khop_fn_org;
grant update (valid_to) on khop.fee_ceiling to khop_fn_org;
grant update (account_id, name, month, due_on, state, payers, charges, amount, issued, charge_base, note, reason, changed_at, proposed_at,
    proposed_by,
    approved_at, approved_by, cancelled_at, cancelled_by) on khop.round to khop_fn_org;
grant update (amount, code_no) on khop.round_payer to khop_fn_org;
grant update (label, amount) on khop.round_line to khop_fn_org;
