-- Whether anybody of an organisation has credit: asked by whoever issues charges to payers.
set local role khop_owner;
create index credit_there on khop.credit (bucket, org_id) where amount > 0;
