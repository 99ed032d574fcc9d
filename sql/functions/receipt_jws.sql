-- What a public receipt's signed form is made of: the rid of its address is the permission. rc -4: no such receipt.
create or replace function khop.receipt_jws(p_bucket int4, p_rid bytea) returns setof khop.receipt_content
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_material = off
set join_collapse_limit = 1
as $f$
declare
    v_at record;
    v_row khop.receipt_content;
begin
    select * into v_at from khop.enter_receipt(p_bucket, p_rid);
    return query
    select 0::int2, t.bucket, t.org_id, t.seq, o.code, t.receipt_year::int4, t.receipt_no::int8, t.rid, t.code_no, t.amount, t.paid_at, t.recorded_at, k.kid, k.iss,
           nullif(substr(s.signatures, (t.receipt_no - s.first_no) * 64 + 1, 64), '')
      from (select 1) one
      join lateral (select t.* from khop.transfer t where t.bucket = p_bucket and t.org_id = v_at.org_id and t.seq = v_at.seq limit 1) t on true
      join khop.org o on o.org_id = t.org_id
      left join khop.receipt_key k on k.key_no = t.key_no
      left join lateral ( -- the row that begins at or before it
           select s.* from khop.receipt_signature s
            where s.bucket = p_bucket and s.org_id = v_at.org_id and s.year = t.receipt_year and s.first_no <= t.receipt_no order by s.first_no desc limit 1) s on true;
    if not found then
        v_row.rc := -4;
        return next v_row;
    end if;
end $f$;
alter function khop.receipt_jws owner to khop_fn_org;
revoke all on function khop.receipt_jws from public;
grant execute on function khop.receipt_jws to khop_serve;
comment on function khop.receipt_jws is 'What a public receipt''s signed form is made of';
