-- How much of a payer's credit was used on one of its charges; p_at: at that moment, which is that of its issue. What was taken back does not
-- count. For callers that have found the charge to be their own.
create or replace function khop.code_credit(p_bucket int4, p_org_id int8, p_payer_id int8, p_code_no int4, p_at timestamptz) returns int8
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set join_collapse_limit = 1
as $f$
begin
    return (
        select coalesce(sum(t.amount), 0)::int8
          from (select a.seq from khop.act a where a.bucket = p_bucket and a.payer_id = p_payer_id and a.org_id = p_org_id offset 0) a
          join lateral (select t.* from khop.transfer t where t.bucket = p_bucket and t.org_id = p_org_id and t.seq = a.seq limit 1) t
            on t.kind = 5 and t.code_no = p_code_no and (p_at is null or t.recorded_at = p_at)
          left join lateral (
               select u.seq from khop.transfer u where u.bucket = p_bucket and u.org_id = p_org_id and u.of_seq = a.seq and u.kind = 7 limit 1) u on true
         where u.seq is null);
end $f$;
alter function khop.code_credit owner to khop_fn_org;
revoke all on function khop.code_credit from public;
comment on function khop.code_credit is 'How much of a payer''s credit was used on a charge';
