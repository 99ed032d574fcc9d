-- The open charges of some payers of an organisation, oldest due first (then by issue): what they still need. For writers of the books and
-- for callers that have found the payers to be their own.
create or replace function khop.charge_open(p_bucket int4, p_org_id int8, p_payers int8[], p_at timestamptz, p_limit int4)
returns table (place int8, code_no int4, charge_id int8, payer_id int8, rest int8, due_on date, label text)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_material = off
set join_collapse_limit = 1
as $f$
#variable_conflict use_column
begin
    return query
    select row_number() over (order by c.due_on, c.created_at, c.charge_id), c.code_no, c.charge_id, c.payer_id, d.due - d.paid - d.adjusted, c.due_on, c.label
      from unnest(p_payers) p (payer_id)
      join lateral (select c.* from khop.charge c where c.bucket = p_bucket and c.payer_id = p.payer_id order by c.bucket, c.payer_id, c.charge_id offset 0) c
        on c.org_id = p_org_id
      join lateral (select d.* from khop.charge_due d where d.bucket = p_bucket and d.code_no = c.code_no limit 1) d
        on d.direction = 1 and not d.cancelled and d.paid + d.adjusted < d.due and coalesce(d.expires_at >= p_at, true)
     order by c.due_on, c.created_at, c.charge_id limit p_limit;
end $f$;
alter function khop.charge_open owner to khop_fn_settle;
revoke all on function khop.charge_open from public;
grant execute on function khop.charge_open to khop_fn_org;
comment on function khop.charge_open is 'Open charges of payers, oldest due first';
