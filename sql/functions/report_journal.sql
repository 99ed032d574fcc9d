-- The journal, in its order: t1 debit, t2 credit, t3 kind, t4 the bank's reference; n1 seq, n2 day, n3 amount, n4 code, n5 time of the payment,
-- n6 the row it acts on. Sums: n3.
create or replace function khop.report_journal(p_bucket int4, p_org_id int8, p_from date, p_to date, p_after int8, p_limit int4)
returns setof khop.report_line
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
declare
    v_from constant int8 := greatest(p_after + 1, khop.journal_from(p_bucket, p_org_id, p_from));
    v_to constant int8 := khop.journal_from(p_bucket, p_org_id, p_to + 1) - 1;
    v_sum khop.report_line;
begin
    if p_after = 0 then
        v_sum.rc := 0;
        v_sum.what := 1;
        select coalesce(sum(s.amount), 0) into v_sum.n3
          from khop.day_total s where s.bucket = p_bucket and s.org_id = p_org_id and s.day between p_from and p_to;
        return next v_sum;
    end if;
    return query
    select 0::int2, 0::int2, t.seq, 0::int8, t.debit::text, t.credit::text,
           (array['settled', 'suspense', 'allocation', 'credit_given', 'credit_used', 'refund_owed', 'reversal', 'returned', 'other',
                  'offset'])[t.kind], t.reference, null::text,
           t.seq, (t.booked_on - date '1970-01-01')::int8, t.amount, t.code_no::int8, (extract(epoch from t.paid_at) * 1000000)::int8, t.of_seq,
           null::int8, null::int8, null::int8
      from khop.transfer t
     where t.bucket = p_bucket and t.org_id = p_org_id and t.seq between v_from and v_to
     order by t.seq limit p_limit;
end $f$;
alter function khop.report_journal owner to khop_fn_org;
revoke all on function khop.report_journal from public;
comment on function khop.report_journal is 'The journal of an organisation, as a report';
