-- Gives the account of a stall to a seller: a member of the organisation who is a vendor, or the token of a till (scope 32). Who had it
-- before sees no more of it; who has it now sees what comes from the next day on, of an account that had nobody, from the first one.
-- rc -4: no such stall, or no such seller.
create or replace function khop.stall_assign(p_token bytea, p_now timestamptz, p_stall_id int8, p_owner_id int8) returns setof khop.stall_row
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
declare
    v_login record;
    v_account khop.account;
    v_row khop.stall_row;
begin
    select * into v_login from khop.login_fresh(p_token, p_now, 8);
    v_row.rc := v_login.rc;
    if v_row.rc = 0 then
        perform khop.head_lock(v_login.bucket, v_login.org_id);
        select a.* into v_account
          from (select s.* from khop.stall s where s.bucket = v_login.bucket and s.stall_id = p_stall_id and s.org_id = v_login.org_id limit 1) s
          join lateral (select a.* from khop.account a where a.account_id = s.account_id limit 1) a on true;
        if v_account.account_id is null or not khop.is_vendor(v_login.org_id, p_owner_id, p_now) then
            v_row.rc := -4;
        end if;
    end if;
    if v_row.rc <> 0 then
        return next v_row;
        return;
    end if;
    if v_account.owner_id is distinct from p_owner_id then
        update khop.account a set owner_id = p_owner_id,
               owner_since = case when v_account.owner_id is null then '2000-01-01' else (p_now at time zone 'Asia/Ho_Chi_Minh')::date + 1 end
         where a.account_id = v_account.account_id;
        perform khop.audit_add(p_token, p_now, 'stall.assign', 'stl ' || p_stall_id, 'ok', 'to ' || p_owner_id);
    end if;
    return query select * from khop.stall_rows(v_login.bucket, array[p_stall_id]);
end $f$;
alter function khop.stall_assign owner to khop_fn_org;
revoke all on function khop.stall_assign from public;
grant execute on function khop.stall_assign to khop_serve;
comment on function khop.stall_assign is 'Gives a stall to its seller';
