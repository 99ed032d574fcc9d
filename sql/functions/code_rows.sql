-- The document of charges that the caller has already found to be its own, each by its bucket and id, in that order; row level security is
-- the second line. Of its receipts the newest p_receipts, NULL for none: a code of a stall may be paid into for years.
-- Plain SQL: it becomes part of its caller's statement, as a level of functions costs as much as three look-ups. The caller has the
-- settings of the planner and hands over variables, not calls. Each table is read by its key, as LATERAL … LIMIT 1: as joins, without
-- statistics, reading the bucket seems as cheap (tests/sql/plans.sql). Columns are named: LIMIT keeps those that nobody reads, and setting
-- up a column of a plan costs more than reading it.
create or replace function khop.code_rows(p_buckets int4[], p_ids int8[], p_receipts int4) returns setof khop.code_row
language sql stable
as $f$
    select 0::int2, false, c.charge_id, c.code_no, c.kind, khop.charge_status(d.cancelled, d.due, d.paid + d.adjusted, c.due_on, d.last_paid_at),
           c.amount, d.paid + d.adjusted, c.label, c.account_id, a.bin, a.account_no, a.holder, payer.ref, payer.name,
           payee.bin, payee.account_no, payee.name, c.due_on, c.expires_at, c.token, c.created_at, c.org_id, o.name,
           r.event_id, r.year, r.no::int8, r.amount, r.rid, r.paid_at, payer.class, bill.lines, coalesce(r.voided, false), c.payer_id,
           case when c.payer_id is null then 0 else khop.code_credit(i.bucket, c.org_id, c.payer_id, c.code_no, null) end, i.place::int4
      from unnest(p_buckets, p_ids) with ordinality i (bucket, charge_id, place)
      join lateral (
           select x.charge_id, x.code_no, x.kind, x.due_on, x.amount, x.label, x.account_id, x.expires_at, x.token, x.created_at, x.org_id,
                  x.payer_id
             from khop.charge x where x.bucket = i.bucket and x.charge_id = i.charge_id limit 1) c on true
      join lateral (
           select x.cancelled, x.due, x.paid, x.adjusted, x.last_paid_at
             from khop.charge_due x where x.bucket = i.bucket and x.code_no = c.code_no limit 1) d on true
      join lateral (select x.bin, x.account_no, x.holder from khop.account x where x.account_id = c.account_id limit 1) a on true
      join lateral (select x.name from khop.org x where x.org_id = c.org_id limit 1) o on true
      left join lateral (
           select x.ref, x.name, x.class from khop.party x where x.bucket = i.bucket and x.charge_id = c.charge_id and x.role = 1 limit 1) payer on true
      left join lateral (
           select x.bin, x.account_no, x.name from khop.party x where x.bucket = i.bucket and x.charge_id = c.charge_id and x.role = 2 limit 1) payee on true
      left join lateral (
           select json_agg(json_build_array(b.label, b.amount) order by b.place)::text as lines
             from (select x.label, x.amount, x.place from khop.charge_line x where x.bucket = i.bucket and x.charge_id = c.charge_id limit 50) b) bill on true
      left join khop.code_receipts(p_buckets, p_ids, p_receipts) r on r.place = i.place
     order by i.place, r.year, r.no
$f$;
alter function khop.code_rows owner to khop_fn_org;
revoke all on function khop.code_rows from public;
comment on function khop.code_rows is 'Rows of the given charges, with their receipts or without';
