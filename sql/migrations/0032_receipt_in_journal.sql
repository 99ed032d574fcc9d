-- A receipt is columns of the row of the journal that gave it, not a row of its own: one row less to write and to keep for each settlement, and a
-- receipt that cannot differ from its transfer. khop.receipt is a view of those columns. What stands in receipts, and in the journal, is carried over;
-- the text that the chain hashes is the same as before.
set local role khop_owner;

drop view if exists audit.bank_event, audit.transfer, audit.receipt; -- made again with the functions
alter table khop.transfer rename to transfer_before;
alter table khop.receipt rename to receipt_before;
alter index khop.transfer_pkey rename to transfer_before_pkey;

-- The journal, see 0003 and 0011. receipt_year and receipt_no are its number in the book of a year; rid is what the public address carries, key_no the key
-- that signs it. The receipts of a charge are a list: charge_due knows the transfer that gave the last one, `previous` the one before it.
-- Its id is that of its transfer. Columns are ordered so that no byte is lost to alignment.
create table khop.transfer (
    bucket int4 not null,
    booked_on date not null,
    org_id int8 not null,
    seq int8 not null,
    event_id int8 not null,
    amount int8 not null check (amount > 0),
    recorded_at timestamptz not null,
    debit int4 not null,
    credit int4 not null,
    account_id int8,
    paid_at timestamptz,
    balance_after int8,
    notice_id int8, -- NULL: its notice has the number of the event
    of_seq int8,
    previous int8,
    code_no int4,
    receipt_no int4,
    receipt_year int2,
    kind int2 not null,
    provider int2,
    direction int2 check (direction in (1, 2)),
    outcome int2 check (outcome between 1 and 12),
    how int2,
    key_no int2,
    ext_id text collate "C",
    reference text,
    body_hash bytea,
    rid bytea check (octet_length(rid) = 16),
    chain bytea,
    primary key (bucket, org_id, seq),
    check (debit <> credit),
    check (case when receipt_no is null then num_nonnulls(receipt_year, key_no, rid, previous) = 0
                else num_nonnulls(receipt_year, key_no, rid, code_no) = 4 end)
);
insert into khop.transfer (bucket, booked_on, org_id, seq, event_id, amount, recorded_at, debit, credit, account_id, paid_at, balance_after, notice_id, of_seq,
       previous, code_no, receipt_no, receipt_year, kind, provider, direction, outcome, how, key_no, ext_id, reference, body_hash, rid, chain)
select t.bucket, t.booked_on, t.org_id, t.seq, t.event_id, t.amount, t.recorded_at, t.debit, t.credit, t.account_id, t.paid_at, t.balance_after,
       t.notice_id, t.of_seq, r.previous, t.code_no, t.receipt_no, t.receipt_year, t.kind, t.provider, t.direction, t.outcome, t.how, r.key_no,
       t.ext_id, t.reference, t.body_hash, r.rid, t.chain
  from khop.transfer_before t
  left join khop.receipt_before r on r.bucket = t.bucket and r.org_id = t.org_id and r.seq = t.seq
 order by t.event_id;
do $$ begin
    if exists (select from khop.receipt_before r
                where not exists (select from khop.transfer t where (t.bucket, t.org_id, t.receipt_year, t.receipt_no, t.seq, t.code_no, t.amount, t.key_no, t.rid)
                                  = (r.bucket, r.org_id, r.year, r.no, r.seq, r.code_no, r.amount, r.key_no, r.rid))) then
        raise exception 'there is a receipt that does not agree with its transfer: see audit.invariants()' using errcode = 'data_exception';
    end if;
end $$;
drop table khop.transfer_before, khop.receipt_before;

create unique index transfer_event on khop.transfer (bucket, account_id, provider, ext_id) where ext_id is not null;
create unique index transfer_receipt on khop.transfer (bucket, org_id, receipt_year, receipt_no) where receipt_no is not null;
create unique index transfer_rid on khop.transfer (bucket, rid) where rid is not null;
create index transfer_of on khop.transfer (bucket, org_id, of_seq) where of_seq is not null;
create unique index transfer_reversed on khop.transfer (bucket, org_id, of_seq) where kind = 7; -- nothing is reversed twice
select khop.table_protect('khop.transfer'), khop.table_in_sight('khop.transfer');
-- A receipt that a decision gave has no account, but its code has.
create policy receipt_in_sight on khop.transfer as restrictive for select to khop_fn_org using (
    receipt_no is null or account_id is not null or (select coalesce(current_setting('khop.hidden', true), '') = '')
    or exists (select 1 from khop.charge_due d where d.bucket = transfer.bucket and d.code_no = transfer.code_no));
grant select, insert on khop.transfer to khop_fn_settle;
grant select on khop.transfer to khop_fn_org;

create view khop.receipt with (security_invoker = true) as
select t.bucket, t.code_no, t.org_id, t.seq, t.amount, t.previous, t.receipt_year as year, t.receipt_no as no, t.key_no, t.rid
  from khop.transfer t where t.receipt_no is not null;
grant select on khop.receipt to khop_fn_settle, khop_fn_org;
comment on view khop.receipt is 'Receipts: the rows of the journal that gave one. By seq, read the journal itself';
