-- The accountant's desk: a day that is closed (ledger.md §6.9), and requests that a second person agrees to.
set local role khop_owner;

-- What was done about closing a day, in order: insert only. A day is closed when its last row says so; the versions are counted. `closed` covers the days
-- from from_day on, each of which had been open; `sheet` is the text that is sealed (figures, numbers, what was carried on), seal = sha256(previous ||
-- sheet), previous the seal of the organisation's last close. Opening again, and closing over a fault, needs two people.
create table khop.day_close (
    bucket int4 not null,
    org_id int8 not null,
    day date not null,
    step int4 not null check (step > 0),
    what text not null check (what in ('asked_close', 'asked_reopen', 'refused', 'closed', 'reopened')),
    version int4 not null check (version >= 0),
    from_day date not null check (from_day <= day),
    at timestamptz not null,
    actor int8 not null,
    requested_by int8,
    reason text,
    seen_seq int8,   -- the journal was read from here …
    last_seq int8,   -- … to here
    next_seq int8,   -- rows of later days begin here: the next close reads from here
    sheet text,
    previous bytea,
    seal bytea,
    primary key (bucket, org_id, day, step),
    check (requested_by <> actor),
    check (what not in ('reopened') or requested_by is not null),
    check ((what = 'closed') = (seal is not null) and (seal is null) = (sheet is null))
);
select khop.table_protect('khop.day_close');
grant select, insert on khop.day_close to khop_fn_settle;
grant select on khop.day_close to khop_fn_org;
grant update (open_day) on khop.org_head to khop_fn_settle;
grant select on khop.org_head to khop_fn_org;
