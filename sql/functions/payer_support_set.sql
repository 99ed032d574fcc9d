-- Support of one payer as said: [{"policy", "more_months"}]. What it names begins, or begins again, what it does not name ends. Months beyond the
-- policy's that are not said stay. True: something was another one.
create or replace function khop.payer_support_set(p_bucket int4, p_org_id int8, p_payer_id int8, p_now timestamptz, p_today date, p_support jsonb) returns bool
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_begun int8;
    v_ended int8;
begin
    insert into khop.payer_support as s (bucket, payer_id, policy, org_id, valid_from, more_months, changed_at)
    select p_bucket, p_payer_id, w.policy, p_org_id, date_trunc('month', p_today)::date, coalesce(w.more_months, h.more_months, 0), p_now
      from (select x.e ->> 'policy' as policy, max((x.e ->> 'more_months')::int4) as more_months from jsonb_array_elements(p_support) x (e) group by 1) w
      left join lateral (
           select h.more_months from khop.payer_support h where h.bucket = p_bucket and h.payer_id = p_payer_id and h.policy = w.policy limit 1) h on true
        on conflict (bucket, payer_id, policy) do update
       set valid_from = case when s.valid_to is null then s.valid_from else excluded.valid_from end, valid_to = null,
           more_months = excluded.more_months, changed_at = p_now
     where s.valid_to is not null or s.more_months <> excluded.more_months;
    get diagnostics v_begun = row_count;
    update khop.payer_support s set valid_to = p_today, changed_at = p_now
     where s.bucket = p_bucket and s.payer_id = p_payer_id and s.valid_to is null
       and not exists (select 1 from jsonb_array_elements(p_support) x (e) where x.e ->> 'policy' = s.policy);
    get diagnostics v_ended = row_count;
    return v_begun + v_ended > 0;
end $f$;
alter function khop.payer_support_set owner to khop_fn_org;
revoke all on function khop.payer_support_set from public;
comment on function khop.payer_support_set is 'Support of one payer as said';
