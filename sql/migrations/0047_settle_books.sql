-- A batch's books are looked up and locked in one statement, one row for each account, with the place of the head that is moved at the end.
set local role khop_owner;
drop function if exists khop.settle_decide;
drop type khop.settle_account;
alter type khop.settle_book drop attribute first, add attribute acc int8, add attribute ledger int4, add attribute place tid;
