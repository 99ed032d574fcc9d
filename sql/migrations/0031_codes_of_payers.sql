-- A code that is issued one by one, or by a file, may be a payer's; its document says whose, and how much of the payer's credit was used on it.
-- The functions that issue take more arguments: dropped here, made again after the migrations.
drop function if exists khop.code_issue;
drop function if exists khop.job_issue;
set local role khop_owner;
alter type khop.code_row add attribute payer_id int8, add attribute credit_used int8;
-- What was done about a payer's money.
create index act_payer on khop.act (bucket, payer_id) where payer_id is not null;
