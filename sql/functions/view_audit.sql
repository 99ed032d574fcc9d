-- What auditors read (design.md §8): names for numbers, codes as people read them, no persons and no memos. The views run with the rights of
-- their owner, so that the auditor's role needs no right on any table. Dropped and made again, so that columns may be added anywhere.
drop view if exists audit.known_account;
drop view if exists audit.bank_event, audit.transfer, audit.day_total, audit.balance, audit.receipt, audit.exception, audit.credit, audit.match, audit.event;

create view audit.event as
select e.org_id, e.seq, e.at, e.actor, e.session8, e.ip, e.req, e.action, e.object, e.result, e.detail, e.hash, e.bucket
  from khop.audit_event e;

create view audit.bank_event as
select khop.provider_name(t.provider) as provider, t.ext_id, (t.paid_at at time zone interval '7 hours')::date as bank_date, t.org_id,
       khop.code_text(t.code_no) as code, t.amount, khop.outcome_name(t.outcome) as outcome, t.seq, t.receipt_no::int8 as receipt_no, t.recorded_at,
       case t.direction when 1 then 'in' else 'out' end as direction, case t.how when 1 then 'exact' when 2 then 'joined' when 3 then 'repaired' end as how,
       t.receipt_year::int4 as receipt_year, t.bucket, t.account_id, t.event_id, coalesce(t.notice_id, t.event_id) as notice_id, t.paid_at,
       t.reference, t.balance_after, t.body_hash
  from khop.transfer t where t.ext_id is not null;

create view audit.transfer as
select t.org_id, t.seq, t.booked_on, t.debit, t.credit, t.amount,
       (array['settled', 'suspense', 'allocation', 'credit_given', 'credit_used', 'refund_owed', 'reversal', 'returned', 'other', 'offset'])[t.kind] as kind,
       t.event_id, khop.code_text(t.code_no) as code, t.of_seq, t.recorded_at, t.bucket, a.payer_id,
       khop.code_text(a.to_code) as to_code, a.actor, a.match_id
  from khop.transfer t left join khop.act a on a.bucket = t.bucket and a.org_id = t.org_id and a.seq = t.seq;

create view audit.day_total as
select s.org_id, s.day, s.debit, s.credit, s.n, s.amount, s.bucket
  from khop.day_total s;

create view audit.balance as
select b.org_id, b.account, c.name, b.dr, b.cr, b.dr - b.cr as net, b.bucket
  from (select x.bucket, x.org_id, x.account, sum(x.dr)::int8 as dr, sum(x.cr)::int8 as cr
          from (select s.bucket, s.org_id, s.debit as account, s.amount as dr, 0 as cr from khop.day_total s
                union all
                select s.bucket, s.org_id, s.credit, 0, s.amount from khop.day_total s) x
         group by x.bucket, x.org_id, x.account) b
  left join khop.chart c on c.org_id = b.org_id and c.account = b.account;

create view audit.receipt as
select t.org_id, o.code as org_code, t.receipt_year::int4 as year, t.receipt_no::int8 as no, t.rid, khop.code_text(t.code_no) as code, t.amount,
       t.paid_at, t.recorded_at as issued_at,
       k.kid, v.no is not null as voided, v.reason as void_reason, t.seq, t.reference, t.event_id as receipt_id, t.bucket
  from khop.transfer t
  join khop.org o on o.org_id = t.org_id
  left join khop.receipt_key k on k.key_no = t.key_no
  left join khop.receipt_void v on v.bucket = t.bucket and v.org_id = t.org_id and v.year = t.receipt_year and v.no = t.receipt_no
 where t.receipt_no is not null;

create view audit.exception as
select x.org_id, x.reason, x.state, case x.direction when 1 then 'in' when 2 then 'out' end as direction, x.held, x.amount,
       khop.code_text(x.code_no) as code, khop.provider_name(x.provider) as provider, x.ext_id, x.seq, x.opened_at, x.exception_id, x.account_id,
       x.charge_id, x.notice_id, x.bucket
  from khop.exception x;

create view audit.credit as
select c.org_id, c.payer_id, c.amount, c.bucket
  from khop.credit c;

create view audit.match as
select m.org_id, m.match_id, m.exception_id, m.action, m.rule, m.rule_version, m.previous, m.made_at, m.actor, m.requested_by, m.reason, m.first_seq, m.last_seq,
       m.bucket
  from khop.match m;

create view audit.known_account as
select k.org_id, k.payer_id, k.seq, k.learned_at, k.bucket
  from khop.known_account k;

alter view audit.known_account owner to khop_owner;
grant select on audit.known_account to khop_audit;
comment on view audit.known_account is 'Payers who are known by an account, and the event that taught it';
alter view audit.bank_event owner to khop_owner;
alter view audit.transfer owner to khop_owner;
alter view audit.balance owner to khop_owner;
alter view audit.day_total owner to khop_owner;
alter view audit.receipt owner to khop_owner;
alter view audit.exception owner to khop_owner;
alter view audit.credit owner to khop_owner;
alter view audit.match owner to khop_owner;
grant select on audit.bank_event, audit.transfer, audit.day_total, audit.balance, audit.receipt, audit.exception, audit.credit, audit.match,
    audit.event to khop_audit;
comment on view audit.bank_event is 'Every bank notice accepted as money, with its outcome';
comment on view audit.transfer is 'The journal: one row holds both sides';
comment on view audit.day_total is 'The journal summed up by day and pair of accounts';
comment on view audit.balance is 'Balances per account of an organisation';
comment on view audit.receipt is 'Receipts with their gapless numbers per organisation and year';
comment on view audit.credit is 'Credit of payers';
comment on view audit.match is 'Decisions about money, of rules and of people';
comment on view audit.exception is 'What waits, or waited, for a person';
