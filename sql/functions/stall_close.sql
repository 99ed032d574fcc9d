-- Closes a stall: no further sales; its permanent code goes on taking money, which is booked as ever. rc -4: no such stall.
create or replace function khop.stall_close(p_token bytea, p_now timestamptz, p_stall_id int8, out rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
declare
    v_login record;
begin
    select * into v_login from khop.login(p_token, p_now, 8);
    rc := v_login.rc;
    if rc <> 0 then
        return;
    end if;
    update khop.stall s set closed_at = p_now, closed_by = v_login.token_id
     where s.bucket = v_login.bucket and s.stall_id = p_stall_id and s.org_id = v_login.org_id and s.closed_at is null;
    if not found then
        rc := -4;
        return;
    end if;
    perform khop.audit_add(p_token, p_now, 'stall.close', 'stl ' || p_stall_id, 'ok', null);
end $f$;
alter function khop.stall_close owner to khop_fn_org;
revoke all on function khop.stall_close from public;
grant execute on function khop.stall_close to khop_serve;
comment on function khop.stall_close is 'Closes a stall';
