-- The auditor copies the log of audit events (khop audit copy): two functions of this schema are his to call, no table is.
set local role khop_owner;
grant usage on schema khop to khop_audit;
