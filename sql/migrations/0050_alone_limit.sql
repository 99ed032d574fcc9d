-- Up to what sum one person alone corrects what the bank contradicts (ledger.md §6.8) is for each organisation to say; without a row it is 5,000,000 đồng.
set local role khop_owner;
create table khop.alone_limit (
    bucket int4 not null,
    org_id int8 not null,
    amount int8 not null check (amount between 0 and 50000000), -- 0: always two people
    changed_at timestamptz not null,
    changed_by int8 not null,
    primary key (bucket, org_id)
);
select khop.table_protect('khop.alone_limit');
grant select on khop.alone_limit to khop_fn_settle;
grant select, insert on khop.alone_limit to khop_fn_org;
grant update (amount, changed_at, changed_by) on khop.alone_limit to khop_fn_org;
drop function if exists khop.alone_limit(); -- it is asked for an organisation now
