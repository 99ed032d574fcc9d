-- Makes a draft of these lines, [{"row", "name", "birth_on", "person" (hex), "amount", "bin", "account_no", "holder", "payee", "payee_until"}], and of
-- what was left unpaid before it if p_carry. Answers the faults, [{"row", "place", "code"}]: unless there are none, nothing was made. The
-- caller holds the lock of the organisation.
create or replace function khop.payout_put(p_bucket int4, p_org_id int8, p_payout_id int8, p_now timestamptz, p_actor int8, p_account_id int8, p_name text, p_month date,
    p_pay_by date, p_carry bool, p_lines jsonb, p_key_hash bytea, p_request_hash bytea)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $f$
declare
    v_faults jsonb;
begin
    with line as materialized (
        select r.row, r.person, khop.fold(r.name) || ' ' || coalesce(r.birth_on::text, '') || ' ' || r.bin || ' ' || r.account_no as same, r.payee_until
          from jsonb_to_recordset(p_lines) r (row int4, name text, birth_on date, person text, bin text, account_no text, payee_until date))
    select coalesce(jsonb_agg(jsonb_build_object('row', f.row, 'place', f.place, 'code', f.code) order by f.row, f.place), '[]') into v_faults
      from (select x.row, 'person' as place, 'person_twice' as code
              from (select l.row, row_number() over (partition by l.person order by l.row) as nth from line l where l.person is not null) x where x.nth > 1
            union all
            select x.row, 'name', 'person_twice'
              from (select l.row, row_number() over (partition by l.same order by l.row) as nth from line l where l.person is null) x where x.nth > 1
            union all
            select l.row, 'payee_until', 'payee_ended' from line l where l.payee_until < p_pay_by) f;
    if v_faults <> '[]' then
        return v_faults;
    end if;
    insert into khop.payout (bucket, payout_id, org_id, account_id, name, month, pay_by, state, lines, amount, created_at, created_by, changed_at,
           key_hash, request_hash)
    values (p_bucket, p_payout_id, p_org_id, p_account_id, p_name, p_month, p_pay_by, 'draft', 0, 0, p_now, p_actor, p_now, p_key_hash, p_request_hash);
    insert into khop.payout_line (bucket, payout_id, place, org_id, source_row, name, birth_on, person, amount, bin, account_no, holder, payee, payee_until)
    select p_bucket, p_payout_id, r.place, p_org_id, (r.line ->> 'row')::int4, r.line ->> 'name', (r.line ->> 'birth_on')::date,
           decode(r.line ->> 'person', 'hex'), (r.line ->> 'amount')::int8, r.line ->> 'bin', r.line ->> 'account_no', r.line ->> 'holder',
           r.line ->> 'payee', (r.line ->> 'payee_until')::date
      from jsonb_array_elements(p_lines) with ordinality r (line, place);
    if p_carry then
        insert into khop.payout_line (bucket, payout_id, place, org_id, name, birth_on, person, amount, bin, account_no, holder, payee, payee_until,
               from_payout, from_place)
        select p_bucket, p_payout_id, jsonb_array_length(p_lines) + row_number() over (order by u.payout_id, u.place), p_org_id, l.name, l.birth_on,
               l.person, l.amount, l.bin, l.account_no, l.holder, l.payee, l.payee_until, u.payout_id, u.place
          from khop.payout_unpaid(p_bucket, p_org_id, p_month) u
          join lateral (select x.* from khop.payout_line x where x.bucket = p_bucket and x.payout_id = u.payout_id and x.place = u.place limit 1) l on true;
    end if;
    update khop.payout p set (lines, amount) = (
        select count(*), coalesce(sum(l.amount), 0)::int8 from khop.payout_line l where l.bucket = p_bucket and l.payout_id = p_payout_id)
     where p.bucket = p_bucket and p.payout_id = p_payout_id;
    perform khop.payout_warn(p_bucket, p_payout_id);
    return '[]';
end
$f$;
alter function khop.payout_put owner to khop_fn_org;
revoke all on function khop.payout_put from public;
comment on function khop.payout_put is 'Makes a draft of a payout list';
