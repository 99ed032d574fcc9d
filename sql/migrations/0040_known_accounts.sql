-- Accounts from which payers have paid before (product.md §3.5, rule 5). Of a number only a keyed hash is kept: the key is outside the database, and the number
-- itself is not needed.
set local role khop_owner;

-- A payer's code has been paid from this account; seq: the last event that taught it.
create table khop.known_account (
    bucket int4 not null,
    org_id int8 not null,
    hash bytea not null check (octet_length(hash) = 16),
    payer_id int8 not null,
    seq int8 not null,
    learned_at timestamptz not null,
    primary key (bucket, org_id, hash, payer_id)
);
create index known_account_payer on khop.known_account (bucket, payer_id); -- for who erases a person

-- From which account money came that has no code. sure: its bank is known too, so that the number means one account.
create table khop.payer_account (
    bucket int4 not null,
    exception_id int8 not null,
    org_id int8 not null,
    hash bytea not null check (octet_length(hash) = 16),
    sure bool not null,
    primary key (bucket, exception_id)
);

alter table khop.statement_line add column counter_hash bytea;
alter table khop.statement_stage add column counter_hash bytea;
drop function if exists khop.statement_stage(int4, int8, int8, timestamptz, int4[], int4[], date[], int4[], int8[], int8[], bool[], bool[], text[],
    text[], text[], text[], text[], int4[], int4[], int2[]);

select khop.table_protect('khop.known_account'), khop.table_protect('khop.payer_account');
grant select, insert on khop.known_account, khop.payer_account to khop_fn_settle;
grant update (seq) on khop.known_account to khop_fn_settle;
