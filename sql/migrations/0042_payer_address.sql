-- Where a payer lives, as the list says it: for the address line of the desk's receipts, and nothing else.
-- What the paper of a receipt says has more columns; made again after the migrations.
drop function if exists khop.job_receipt;
set local role khop_owner;
alter table khop.payer add column address text check (address <> '');
grant update (address) on khop.payer to khop_fn_org;
