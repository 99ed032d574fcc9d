-- Who outside is told of what happened: webhooks that an organisation gives, and what is on its way to each.
set local role khop_owner;

-- The secret is sealed by the process; while it is being changed the one before signs as well, until `before_until`.
create table khop.webhook (
    bucket int4 not null,
    webhook_id int8 not null,
    org_id int8 not null,
    url text not null check (octet_length(url) between 1 and 2000),
    types text[] not null check (cardinality(types) > 0 and types <@ array['code.paid', 'receipt.issued', 'exception.opened']),
    sealed bytea not null,
    sealed_before bytea,
    before_until timestamptz,
    created_at timestamptz not null,
    created_by int8 not null,
    told_until timestamptz not null, -- exceptions opened before have been passed on
    failing_since timestamptz,
    ended_at timestamptz,
    ended_why text check (ended_why in ('removed', 'gone', 'failing')),
    primary key (bucket, webhook_id),
    check ((ended_at is null) = (ended_why is null))
) with (fillfactor = 80);
create index webhook_org on khop.webhook (bucket, org_id, webhook_id);
create index webhook_active on khop.webhook (bucket, org_id) where ended_at is null;

-- One row a webhook and event: what is on its way, and for thirty days what has become of it. It holds ids and numbers only.
create table khop.delivery (
    bucket int4 not null,
    webhook_id int8 not null,
    type int2 not null check (type between 1 and 3), -- 1 code.paid, 2 receipt.issued, 3 exception.opened
    event_id int8 not null,                          -- of the bank event, which is the receipt's, or of the exception
    org_id int8 not null,
    happened_at timestamptz not null,
    charge_id int8,
    code_no int4,
    amount int8,
    receipt_year int4,
    receipt_no int4,
    reason text,
    state text not null default 'pending' check (state in ('pending', 'delivered', 'failed', 'dropped')),
    tries int4 not null default 0,
    replays int4 not null default 0,
    next_at timestamptz not null,
    worker int8,
    lease_until timestamptz,
    last_at timestamptz,
    last_status int4,
    last_error text,
    last_ms int4,
    primary key (bucket, webhook_id, type, event_id)
) with (fillfactor = 70);
create index delivery_due on khop.delivery (bucket, webhook_id, next_at) where state = 'pending';
create index delivery_time on khop.delivery (bucket, webhook_id, happened_at, type, event_id);

select khop.table_protect('khop.webhook'), khop.table_protect('khop.delivery');
grant select, insert on khop.webhook to khop_fn_org;
grant update (sealed, sealed_before, before_until, ended_at, ended_why) on khop.webhook to khop_fn_org;
grant select on khop.delivery to khop_fn_org;
grant update (state, next_at, replays, tries) on khop.delivery to khop_fn_org;
grant select on khop.webhook to khop_fn_settle;
grant update (told_until, failing_since, ended_at, ended_why) on khop.webhook to khop_fn_settle;
grant select, insert on khop.delivery to khop_fn_settle;
grant update (state, tries, next_at, worker, lease_until, last_at, last_status, last_error, last_ms) on khop.delivery to khop_fn_settle;
