-- Room for more receiving accounts in the books of an organisation: a market has one for each seller. 112101 … 112199 stay as they are; what
-- comes after them has four digits behind 1121 instead of two: 11210100 … 11219999.
set local role khop_owner;

alter table khop.account drop constraint account_ledger_no_check;
alter table khop.account add constraint account_ledger_no_check check (ledger_no between 112101 and 112199 or ledger_no between 11210100 and 11219999);
