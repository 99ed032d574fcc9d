-- Plans are made while tables are small, and for a table that seems to hold one row every index costs the same, also one of which a query binds
-- only `bucket`: the newest wins, and reads all there is once the table has grown. Every second unique key is therefore an index of the rows
-- whose last column is there. That are all that it could keep apart, so it demands the same; but only a query that binds that column may use it.
set local role khop_owner;
drop index khop.charge_token, khop.transfer_event, khop.receipt_by_rid;
create unique index charge_token on khop.charge (bucket, token) where token is not null;
create unique index transfer_event on khop.transfer (bucket, account_id, provider, ext_id) where ext_id is not null;
create unique index receipt_by_rid on khop.receipt (bucket, rid) where rid is not null;
