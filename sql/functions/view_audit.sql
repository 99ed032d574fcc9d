-- What auditors read (design.md §8): names for numbers, codes as people read them, no persons and no memos. The views run with the rights of
-- their owner, so that the auditor's role needs no right on any table. Dropped and made again, so that columns may be added anywhere.
drop view if exists audit.bank_event, audit.transfer, audit.balance, audit.receipt, audit.exception;

create view audit.bank_event as
select khop.provider_name(e.provider) as provider, e.ext_id, (e.paid_at at time zone interval '7 hours')::date as bank_date, e.org_id,
       khop.code_text(e.code_no) as code, e.amount, khop.outcome_name(e.outcome) as outcome, e.seq, e.receipt_no, e.recorded_at,
       case e.direction when 1 then 'in' else 'out' end as direction, case e.how when 1 then 'exact' when 2 then 'joined' when 3 then 'repaired' end as how,
       e.receipt_year, e.bucket, e.account_id, e.event_id, e.notice_id, e.charge_id, e.paid_at, e.reference, e.balance_after, e.body_hash
  from khop.bank_event e;

create view audit.transfer as
select t.org_id, t.seq, t.booked_on, t.debit, t.credit, t.amount, case t.kind when 1 then 'settled' when 2 then 'suspense' end as kind,
       t.event_id, t.charge_id, t.reverses, t.recorded_at, t.bucket
  from khop.transfer t;

create view audit.balance as
select b.org_id, b.account, c.name, b.dr, b.cr, b.dr - b.cr as net, b.bucket
  from khop.balance b left join khop.chart c on c.org_id = b.org_id and c.account = b.account;

create view audit.receipt as
select r.org_id, o.code as org_code, r.year, r.no, r.rid, khop.code_text(r.code_no) as code, r.amount, r.paid_at, r.issued_at, k.kid,
       v.no is not null as voided, v.reason as void_reason, r.seq, r.reference, r.receipt_id, r.charge_id, r.bucket
  from khop.receipt r
  join khop.org o on o.org_id = r.org_id
  left join khop.receipt_key k on k.key_no = r.key_no
  left join khop.receipt_void v on v.bucket = r.bucket and v.org_id = r.org_id and v.year = r.year and v.no = r.no;

create view audit.exception as
select x.org_id, x.reason, x.state, case x.direction when 1 then 'in' when 2 then 'out' end as direction, x.held, x.amount,
       khop.code_text(x.code_no) as code, khop.provider_name(x.provider) as provider, x.ext_id, x.seq, x.opened_at, x.exception_id, x.account_id,
       x.charge_id, x.notice_id, x.bucket
  from khop.exception x;

alter view audit.bank_event owner to khop_owner;
alter view audit.transfer owner to khop_owner;
alter view audit.balance owner to khop_owner;
alter view audit.receipt owner to khop_owner;
alter view audit.exception owner to khop_owner;
grant select on audit.bank_event, audit.transfer, audit.balance, audit.receipt, audit.exception to khop_audit;
comment on view audit.bank_event is 'Every bank notice accepted as money, with its outcome';
comment on view audit.transfer is 'The journal: one row holds both sides';
comment on view audit.balance is 'Balances per account of an organisation';
comment on view audit.receipt is 'Receipts with their gapless numbers per organisation and year';
comment on view audit.exception is 'What waits, or waited, for a person';
