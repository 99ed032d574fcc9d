-- Payers in the order in which people look them up: by class, given name, name, number. A list reads them by this key and sorts nobody, and goes on
-- behind a payer by it. Who has no class stands behind all who have one: no text comes behind U+FFFF in an ICU collation.
-- org_id + 0: an index that begins with bucket and org_id would tempt the planner away from the keys of those who look one payer up. Lists order by it, too.
-- A given name is the last word of the name: for this order, and for paper that many hands hold.
set local role khop_owner;

drop function if exists khop.given_name;
alter table khop.payer add column given text collate khop.vn not null generated always as (coalesce(substring(name from '\S+\s*$'), name)) stored;
create index payer_order on khop.payer ((org_id + 0), (coalesce(class, U&'\FFFF')) collate khop.vn, given, name collate khop.vn, ref collate "C");
