-- Cancels a code of the token's organisation; cancelling twice is the same. rc -4 none of theirs, -5 something has been paid, or it
-- pays out a refund: that is taken back by undoing the decision.
create or replace function khop.code_cancel(p_token bytea, p_now timestamptz, p_charge_id int8, p_reason text) returns setof khop.code_row
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
declare
    v_login record;
    v_due khop.charge_due;
    v_match int8;
    v_row khop.code_row;
begin
    select * into v_login from khop.login(p_token, p_now, 2 | 4);
    v_row.rc := v_login.rc;
    if v_row.rc = 0 then
        perform khop.head_lock(v_login.bucket, v_login.org_id);
        select d.* into v_due from khop.charge c join khop.charge_due d on d.bucket = c.bucket and d.code_no = c.code_no
         where c.bucket = v_login.bucket and c.charge_id = p_charge_id and c.org_id = v_login.org_id;
        select a.match_id into v_match
          from khop.act a
          join lateral (select t.* from khop.transfer t where t.bucket = v_login.bucket and t.org_id = v_login.org_id and t.seq = a.seq limit 1) t on t.kind = 6
         where a.bucket = v_login.bucket and a.to_code = v_due.code_no and not exists (
               select from khop.transfer u where u.bucket = v_login.bucket and u.org_id = v_login.org_id and u.of_seq = a.seq and u.kind = 7)
         limit 1;
        v_row.rc := case when v_due.charge_id is null then -4 when v_due.paid + v_due.adjusted > 0 or v_match is not null then -5 else 0 end;
    end if;
    if v_row.rc <> 0 then
        return next v_row;
        return;
    end if;
    if not v_due.cancelled then
        update khop.charge_due d set cancelled = true where d.bucket = v_login.bucket and d.code_no = v_due.code_no;
        update khop.charge c set cancelled_at = p_now, cancelled_by = v_login.token_id, cancel_reason = p_reason
         where c.bucket = v_login.bucket and c.charge_id = p_charge_id;
    end if;
    return query select * from khop.code_rows(array[v_login.bucket], array[p_charge_id], 100);
end $f$;
alter function khop.code_cancel owner to khop_fn_org;
revoke all on function khop.code_cancel from public;
grant execute on function khop.code_cancel to khop_serve;
comment on function khop.code_cancel is 'Cancels a code nothing has been paid on';
