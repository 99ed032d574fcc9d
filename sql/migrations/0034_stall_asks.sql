-- What a seller asked for on his page, which makes the code itself, also without a network: the permanent code with an amount, and behind the code
-- in the memo a tag of five letters that comes back with the money. The page tells of it when it can; whose money was less than asked is
-- seen on the page only (lib/flow/stall_match.c), the books know nothing of it. Rows go after two days.
set local role khop_owner;

create table khop.stall_ask (
    bucket int4 not null,
    stall_id int8 not null,
    tag text collate "C" not null check (tag ~ '^[2-9A-HJ-NP-RT-Z]{5}$'),
    org_id int8 not null,
    account_id int8 not null,
    amount int8 not null check (amount > 0),
    asked_at timestamptz not null,
    dropped_at timestamptz, -- the customer went away
    primary key (bucket, stall_id, tag)
) with (fillfactor = 70);
create index stall_ask_time on khop.stall_ask (bucket, stall_id, asked_at);
select khop.table_protect('khop.stall_ask');
select khop.table_in_sight('khop.stall_ask');
grant select, insert, delete on khop.stall_ask to khop_fn_org;
grant update (dropped_at) on khop.stall_ask to khop_fn_org;

alter type khop.stall_page_row add attribute tag text, add attribute asked_at timestamptz, add attribute dropped_at timestamptz;
