-- Where the row of a charge stood when a batch was decided: its counter is written there, without looking for it again.
set local role khop_owner;
alter type khop.settle_decision add attribute place tid;
alter type khop.settle_due add attribute place tid;
-- Where the first event of an organisation stands in its batch.
alter type khop.settle_book add attribute first int8;
