-- Who pays again and again: the pupils of a school. A charge may belong to a payer; payers of one household share a group, so that
-- one transfer can pay for two children. Names stand here and in party, nowhere in the books (security.md §10).
set local role khop_owner;

-- What every table of an organisation gets: row level security, also against its owner; writers of the books see all, pages what the
-- login step of their transaction has opened.
create function khop.table_protect(p_table regclass) returns void language plpgsql security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    c_own constant text := $own$org_id = any ((select string_to_array(current_setting('khop.orgs', true), ','))::int8[])$own$;
begin
    execute format('alter table %s enable row level security', p_table);
    execute format('alter table %s force row level security', p_table);
    execute format('create policy books on %s to khop_owner, khop_fn_settle using (true) with check (true)', p_table);
    execute format('create policy own_org on %1$s to khop_fn_org using (%2$s) with check (%2$s)', p_table, c_own);
end $f$;
revoke all on function khop.table_protect from public;
comment on function khop.table_protect is 'Puts row level security on a table of organisations; for migrations';

-- `ref` is the organisation's own number of the payer. `household` is any text that siblings share.
create table khop.payer (
    bucket int4 not null,
    payer_id int8 not null,
    org_id int8 not null,
    ref text not null check (ref <> ''),
    name text not null check (name <> ''),
    class text,
    household text check (household <> ''),
    created_at timestamptz not null,
    changed_at timestamptz not null,
    left_at timestamptz, -- no longer of this organisation; what it owes stays
    primary key (bucket, payer_id)
) with (fillfactor = 90);
create unique index payer_ref on khop.payer (bucket, org_id, ref collate "C");
create index payer_class on khop.payer (bucket, org_id, coalesce(class, '') collate "C", payer_id);
create index payer_household on khop.payer (bucket, org_id, household collate "C") where household is not null;

-- A payer's charges; of kind card: money on its code is for whatever the payer owes.
alter table khop.charge add column payer_id int8;
create index charge_payer on khop.charge (bucket, payer_id, charge_id) where payer_id is not null;

-- `of_payer`: money that is not exactly what this charge still needs goes on to the payer's other charges. `adjusted` is what moved to
-- (above 0) or from (below 0) the charge without a receipt: credit used, credit given, refunds, returns. What has been paid in the end is paid + adjusted.
alter table khop.charge_due add column adjusted int8 not null default 0;
alter table khop.charge_due add column of_payer bool not null default false;

alter table khop.party add column class text;

-- The lines of a bill; their sum is the charge's amount. What the state pays is a line below zero.
create table khop.charge_line (
    bucket int4 not null,
    charge_id int8 not null,
    place int2 not null check (place between 1 and 50),
    org_id int8 not null,
    label text not null check (label <> ''),
    amount int8 not null check (amount <> 0 and amount between -999999999999 and 999999999999),
    primary key (bucket, charge_id, place)
);

select khop.table_protect('khop.payer'), khop.table_protect('khop.charge_line');
grant select, insert on khop.payer, khop.charge_line to khop_fn_org;
grant update (name, class, household, changed_at, left_at) on khop.payer to khop_fn_org;
grant select on khop.charge, khop.payer to khop_fn_settle;
grant update (adjusted) on khop.charge_due to khop_fn_settle;
