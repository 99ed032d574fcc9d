-- What waits for a person, without what was resolved long ago: closing a day lists it.
set local role khop_owner;
create index exception_waits on khop.exception (bucket, org_id, exception_id) where state in ('open', 'proposed');
grant select on khop.chart to khop_fn_settle; -- names of accounts stand on a sealed sheet
