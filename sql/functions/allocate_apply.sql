-- Carries out what a rule decided about money that it found by allocate_next: parts for charges, credit for the payer, or the payout that is open again.
-- Without any of these the exception waits for a person, with the choices as suggestions. The rule is not asked again about it, either way.
-- What the rule saw (p_seen_…) must still be so, and older money of the organisation comes first: so the books do not depend on who works, or
-- how fast. rc -5: look again.
create or replace function khop.allocate_apply(
    p_now timestamptz, p_bucket int4, p_exception_id int8, p_rule text, p_rule_version int2, p_held int8, p_payer_id int8,
    p_seen_code int4[], p_seen_rest int8[], p_searched bool, p_choices int8, p_choice int4[], p_choice_code int4[], p_code int4[], p_amount int8[],
    p_rid bytea[], p_credit int8, p_return_code int4)
returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set join_collapse_limit = 1
as $f$
#variable_conflict use_column
declare
    x khop.exception;
    d record;
    b record;
begin
    select * into x from khop.exception e where e.bucket = p_bucket and e.exception_id = p_exception_id;
    perform khop.book_lock(p_bucket, x.org_id);
    select * into x from khop.exception e where e.bucket = p_bucket and e.exception_id = p_exception_id;
    rc := -5;
    if not x.pending or x.held <> p_held
       or exists (select from khop.exception e where e.bucket = p_bucket and e.pending and e.exception_id < p_exception_id and e.org_id = x.org_id)
       or p_rule = 'known_account' and p_code <> '{}' and not exists (
           select from khop.payer_account a
            where a.bucket = p_bucket and a.exception_id = p_exception_id and p_payer_id = any (khop.known_household(p_bucket, x.org_id, a.hash)))
       or exists (select from unnest(p_seen_code, p_seen_rest) s (code, rest)
                    left join lateral (select d.* from khop.charge_due d where d.bucket = p_bucket and d.code_no = s.code limit 1) d on true
                   where d.due - d.paid - d.adjusted is distinct from s.rest or d.cancelled) then
        return next;
        return;
    end if;
    select array_agg(r.kind) as kind, array_agg(r.amount) as amount, array_agg(r.code) as code, array_agg(r.payer) as payer, array_agg(r.rid) as rid,
           array_agg(3388) as origin, array_agg(x.seq) as of_seq, array_agg(null::int4) as to_code, coalesce(min(r.action), 'none') as action
      into d
      from (select 3::int2 as kind, r.amount, r.code, null::int8 as payer, r.rid, 'allocate' as action, r.o
              from unnest(p_amount, p_code, p_rid) with ordinality r (amount, code, rid, o)
            union all
            select 4::int2, p_credit, null, p_payer_id, null, 'allocate', 1000 where p_credit > 0
            union all
            select 8::int2, p_held, p_return_code, null, null, 'return', 1001 where p_return_code is not null
             order by 7) r;
    select * into b from khop.book(p_bucket, x.org_id, p_now, p_exception_id, d.action, p_rule, p_rule_version, null, null, null, null,
        jsonb_build_object('held', p_held, 'code', x.code_no, 'payer', p_payer_id, 'searched', p_searched, 'sums', p_choices,
            'taught_by', (select jsonb_agg(k.seq order by k.seq)
                            from khop.payer_account a
                            join khop.known_account k on k.bucket = p_bucket and k.org_id = x.org_id and k.hash = a.hash
                           where a.bucket = p_bucket and a.exception_id = p_exception_id),
            'candidates', coalesce((select jsonb_agg(jsonb_build_object('code', s.code, 'rest', s.rest) order by s.o)
                                      from unnest(p_seen_code, p_seen_rest) with ordinality s (code, rest, o)), '[]'),
            'choices', coalesce((select jsonb_agg(c.codes order by c.choice)
                                   from (select c.choice, jsonb_agg(c.code) as codes from unnest(p_choice, p_choice_code) c (choice, code)
                                          group by c.choice) c), '[]')),
        d.kind, d.origin, d.amount, d.of_seq, d.code, d.payer, d.to_code, d.rid);
    rc := b.rc;
    return next;
end $f$;
alter function khop.allocate_apply owner to khop_fn_settle;
revoke all on function khop.allocate_apply from public;
grant execute on function khop.allocate_apply to khop_jobs;
comment on function khop.allocate_apply is 'Carries out what a rule decided about money in suspense';
