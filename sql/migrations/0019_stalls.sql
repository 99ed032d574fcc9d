-- Stalls of a market. The money of a stall arrives on the seller's own account, which is private: whoever may read the organisation's books
-- does not see what concerns such an account, but for its owner (product.md §3.11). That is a rule of rows, not of functions: the login
-- step names the accounts that are not the caller's (khop.hidden), and every table of the books leaves them out.
set local role khop_owner;

-- owner_id: who acts as the seller (a user, or the token of a till); owner_since: the first day that is the owner's.
alter table khop.account add column private bool not null default false, add column owner_id int8, add column owner_since date,
    add check (private or owner_id is null), add check ((owner_id is null) = (owner_since is null));
create index account_private on khop.account (org_id) where private;
grant update (owner_id, owner_since) on khop.account to khop_fn_org;

-- charge_id is the stall's permanent code, without an amount.
create table khop.stall (
    bucket int4 not null,
    stall_id int8 not null,
    org_id int8 not null,
    account_id int8 not null,
    charge_id int8 not null,
    name text not null check (name <> ''),
    place text check (place <> ''),
    created_at timestamptz not null,
    created_by int8 not null,
    closed_at timestamptz,
    closed_by int8,
    primary key (bucket, stall_id)
) with (fillfactor = 80);
create index stall_of_org on khop.stall (bucket, org_id, stall_id);
create unique index stall_name on khop.stall (bucket, org_id, name collate "C") where closed_at is null;
select khop.table_protect('khop.stall');
grant select, insert on khop.stall to khop_fn_org;
grant update (closed_at, closed_by) on khop.stall to khop_fn_org;

-- From which turnover of a year a household business pays tax; it changed twice in a year, so it is a row with a date (product.md §3.11).
create table khop.turnover_threshold (
    valid_from date primary key,
    amount int8 not null check (amount > 0),
    source text not null check (source <> '')
);
insert into khop.turnover_threshold (valid_from, amount, source)
values ('2026-01-01', 500000000, 'Luật Thuế GTGT, Luật Thuế TNCN sửa đổi, áp dụng từ 01/01/2026');
grant select on khop.turnover_threshold to khop_fn_org;

-- What is in sight: not the accounts of khop.hidden. For every table of the books that has an account_id.
create function khop.table_in_sight(p_table regclass) returns void language plpgsql security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
begin
    execute format($p$create policy in_sight on %s as restrictive for select to khop_fn_org using (account_id is null or account_id <> all (
        (select coalesce(string_to_array(nullif(current_setting('khop.hidden', true), ''), ',')::int8[], '{}'))::int8[]))$p$, p_table);
end $f$;
revoke all on function khop.table_in_sight from public;
comment on function khop.table_in_sight is 'Keeps the rows of private accounts to their owners; for migrations';
select khop.table_in_sight(t) from unnest(array['khop.charge', 'khop.charge_due', 'khop.exception', 'khop.transfer']::regclass[]) t;
-- A day's sum names accounts of the books; a receipt has no account, but its code has.
create policy in_sight on khop.day_total as restrictive for select to khop_fn_org using (
    debit <> all ((select coalesce(string_to_array(nullif(current_setting('khop.hidden_ledgers', true), ''), ',')::int4[], '{}'))::int4[])
    and credit <> all ((select coalesce(string_to_array(nullif(current_setting('khop.hidden_ledgers', true), ''), ',')::int4[], '{}'))::int4[]));
create policy in_sight on khop.receipt as restrictive for select to khop_fn_org using (
    (select coalesce(current_setting('khop.hidden', true), '') = '')
    or exists (select 1 from khop.charge_due d where d.bucket = receipt.bucket and d.code_no = receipt.code_no));

create index exception_open on khop.exception (bucket, org_id, opened_at, exception_id) where state in ('open', 'proposed');

create type khop.stall_row as (
    rc int2, stall_id int8, name text, place text, account_id int8, bin text, account_no text, holder text, charge_id int8, code_no int4,
    token bytea, owner_id int8, owner_name text, created_at timestamptz, closed_at timestamptz, org_name text,
    what text -- of a refusal: what it is about
);
-- A stall with its day, and what came in: a row each, with the stall in none but the first.
create type khop.stall_page_row as (
    rc int2, stall_id int8, name text, place text, account_id int8, bin text, account_no text, holder text, charge_id int8, code_no int4,
    token bytea, owner_id int8, owner_name text, created_at timestamptz, closed_at timestamptz, org_name text, what text,
    today_n int8, today int8, year int8, threshold int8, threshold_from date, threshold_source text, last int8,
    seq int8, amount int8, asked int8, sale_code_no int4, paid_at timestamptz, recorded_at timestamptz, outcome int2
);
