-- Amounts of single pupils in a round: what a list says of one goes before what its class is asked, and 0 is nothing. They stay with a draft that is
-- made anew, also of pupils who are not asked in it for now.
set local role khop_owner;

create table khop.round_amount (
    bucket int4 not null,
    round_id int8 not null,
    payer_id int8 not null,
    place int2 not null check (place between 1 and 30), -- of the item
    org_id int8 not null,
    amount int8 not null check (amount between 0 and 999999999999),
    primary key (bucket, round_id, payer_id, place)
);
select khop.table_protect('khop.round_amount');
grant select, insert, delete on khop.round_amount to khop_fn_org;

-- Of the pupils who are asked, counted when the lines are made: how many have an amount of their own, what those are in all, what their classes'
-- would have been, the highest.
alter table khop.round_item
    add column own_payers int4 not null default 0 check (own_payers >= 0),
    add column own_amount int8 not null default 0 check (own_amount >= 0),
    add column own_instead int8 not null default 0 check (own_instead >= 0),
    add column own_most int8 check (own_most between 0 and 999999999999);
alter table khop.round add column own_payers int4 not null default 0 check (own_payers >= 0);
grant update (own_payers, own_amount, own_instead, own_most) on khop.round_item to khop_fn_org;
grant update (own_payers) on khop.round to khop_fn_org;

-- Functions that take more than they did: dropped here, made again after the migrations.
drop function if exists khop.round_rows;
drop function if exists khop.round_payers;
drop function if exists khop.payers_faults;
