-- A code's receipts say whether they still count.
set local role khop_owner;
alter type khop.code_row add attribute receipt_voided bool;
