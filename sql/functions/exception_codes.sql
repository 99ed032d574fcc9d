-- Which of the codes that a memo may mean are live codes of the token's organisation: what their charges still need. For suggestions.
create or replace function khop.exception_codes(p_token bytea, p_now timestamptz, p_codes int4[])
returns table (rc int2, code_no int4, charge_id int8, rest int8, due_on date, label text, payer_id int8, payer_name text, payer_class text, direction int2)
language plpgsql volatile security definer
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
declare
    v_login record;
begin
    select l.* into v_login from khop.login(p_token, p_now, 1 | 4 | 16 | 128) l;
    if v_login.rc <> 0 then
        rc := v_login.rc;
        return next;
        return;
    end if;
    return query
    select 0::int2, d.code_no, d.charge_id, d.due - d.paid - d.adjusted, c.due_on, c.label, c.payer_id, coalesce(p.name, y.name), coalesce(p.class, y.class), d.direction
      from unnest(p_codes) with ordinality i (code, place)
      join lateral (select d.* from khop.charge_due d where d.bucket = v_login.bucket and d.code_no = i.code limit 1) d
        on d.org_id = v_login.org_id and not d.cancelled and (d.due is null or d.paid + d.adjusted < d.due or d.direction = 2)
      join lateral (select c.* from khop.charge c where c.bucket = v_login.bucket and c.charge_id = d.charge_id limit 1) c on true
      left join lateral (select p.* from khop.payer p where p.bucket = v_login.bucket and p.payer_id = c.payer_id limit 1) p on true
      left join lateral (select y.* from khop.party y where y.bucket = v_login.bucket and y.charge_id = c.charge_id and y.role = 1 limit 1) y on true
     order by i.place limit 16;
end $f$;
alter function khop.exception_codes owner to khop_fn_org;
revoke all on function khop.exception_codes from public;
grant execute on function khop.exception_codes to khop_serve;
comment on function khop.exception_codes is 'What the codes that a memo may mean stand for';
