-- How far the books have been verified, so that each hour only what is new need be (khop.invariants): per organisation the last
-- verified link of its journal, and what the rows up to it add up to.
set local role khop_owner;

create table khop.verified (
    bucket int4 not null,
    org_id int8 not null,
    seq int8 not null,
    event_id int8 not null,
    chain bytea not null,
    receipt_year int4 not null,
    receipt_no int4 not null,       -- the last one of that year; 0: none
    full_at timestamptz not null,   -- when all of it was last verified
    primary key (bucket, org_id)
) with (fillfactor = 50);

create table khop.verified_total (
    bucket int4 not null,
    org_id int8 not null,
    day date not null,
    debit int4 not null,
    credit int4 not null,
    n int8 not null,
    amount int8 not null,
    primary key (bucket, org_id, day, debit, credit)
) with (fillfactor = 50);

select khop.table_protect('khop.verified'), khop.table_protect('khop.verified_total');
drop function if exists khop.invariants;
