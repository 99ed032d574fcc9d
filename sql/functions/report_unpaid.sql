-- What is still owed to the token's organisation, by label and charge: all labels or one (a class, a round of fees). The next page begins
-- after (label, charge) of the last row. Read along charge_label, with the counters by key: those have no index that a
-- payment would change. A charge without a label stands under ''. The order is that of the bytes. It runs as khop_owner and
-- names the organisation itself: row level security trusts no expression enough to look for it in an index.
create or replace function khop.report_unpaid(p_token bytea, p_now timestamptz, p_label text, p_after_label text, p_after_id int8, p_limit int4)
returns table (rc int2, charge_id int8, code_no int4, kind text, label text, payer_ref text, payer_name text, due int8, paid int8, due_on date,
    created_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_sort = off
set enable_material = off
set join_collapse_limit = 1
as $f$
#variable_conflict use_column
declare
    v_login record;
    v_hidden int8[]; -- accounts that are not the caller's to see: the owner of the tables sees all
begin
    select * into v_login from khop.login(p_token, p_now, 1 | 4);
    if v_login.rc <> 0 then
        rc := v_login.rc;
        return next;
        return;
    end if;
    v_hidden := coalesce(string_to_array(nullif(current_setting('khop.hidden', true), ''), ',')::int8[], '{}');
    return query
    select 0::int2, c.charge_id, c.code_no, c.kind, c.label, p.ref, p.name, d.due, d.paid + d.adjusted, c.due_on, c.created_at
      from khop.charge c
      join lateral (select d.* from khop.charge_due d where d.bucket = v_login.bucket and d.code_no = c.code_no limit 1) d on true
      left join lateral (select p.* from khop.party p where p.bucket = v_login.bucket and p.charge_id = c.charge_id and p.role = 1 limit 1) p on true
     where c.bucket = v_login.bucket and c.org_id = v_login.org_id
       and (coalesce(c.label, '') collate "C", c.charge_id) > (coalesce(p_after_label, p_label, ''), coalesce(p_after_id, 0))
       and coalesce(c.label, '') collate "C" <= coalesce(p_label, E'\U0010FFFF')
       and c.account_id <> all (v_hidden)
       and d.paid + d.adjusted < d.due and d.direction = 1 and not d.cancelled and coalesce(d.expires_at > p_now, true)
     order by coalesce(c.label, '') collate "C", c.charge_id limit least(p_limit, 2000);
end $f$;
alter function khop.report_unpaid owner to khop_owner;
revoke all on function khop.report_unpaid from public;
comment on function khop.report_unpaid is 'Charges of an organisation that wait for money, by label';
