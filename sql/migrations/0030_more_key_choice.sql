-- As 0028: a second unique key is there for who binds all of it. What a file of the bank covers is looked for from a day on.
set local role khop_owner;
drop index khop.job_key, khop.payout_key, khop.statement_file_hash, khop.statement_line_key;
create unique index job_key on khop.job (bucket, org_id, key_hash) where key_hash is not null;
create unique index payout_key on khop.payout (bucket, org_id, key_hash) where key_hash is not null;
create unique index statement_file_hash on khop.statement_file (bucket, account_id, hash) where hash is not null;
create unique index statement_line_key on khop.statement_line (bucket, account_id, key) where key is not null;
create index statement_file_covers on khop.statement_file (bucket, account_id, covered_to);
