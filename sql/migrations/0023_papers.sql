-- What an organisation's papers say about it: settings of the unit (product.md §5), and which receipts have been printed at the desk, so that
-- the next time says "bản in lại".
set local role khop_owner;

create table khop.paper_setting (
    bucket int4 not null,
    org_id int8 not null,
    budget_code text check (budget_code <> ''), -- mã QHNS
    address text check (address <> ''),
    form text check (form <> ''),               -- C45-BB where nothing else is said
    circular text check (circular <> ''),
    collector text check (collector <> ''),     -- who signs for the money
    hotline text check (hotline <> ''),
    changed_at timestamptz not null,
    changed_by int8 not null,
    primary key (bucket, org_id)
);

create table khop.receipt_print (
    bucket int4 not null,
    org_id int8 not null,
    year int4 not null,
    no int4 not null,
    job_id int8 not null,
    printed_at timestamptz not null,
    printed_by int8 not null,
    primary key (bucket, org_id, year, no, job_id)
);

select khop.table_protect('khop.paper_setting'), khop.table_protect('khop.receipt_print');
grant select, insert on khop.paper_setting, khop.receipt_print to khop_fn_org;
grant update (budget_code, address, form, circular, collector, hotline, changed_at, changed_by) on khop.paper_setting to khop_fn_org;
