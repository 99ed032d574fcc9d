-- The step of every function that serves a seller: login with scope 32, and the stall is his. since: the first moment that is his.
-- rc -4: no such stall of his.
create or replace function khop.stall_enter(p_token bytea, p_now timestamptz, p_stall_id int8,
    out rc int2, out org_id int8, out bucket int4, out actor int8, out stall khop.stall, out account khop.account, out since timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
#variable_conflict use_column
declare
    v_login record;
begin
    select * into v_login from khop.login(p_token, p_now, 32);
    rc := v_login.rc;
    org_id := v_login.org_id;
    bucket := v_login.bucket;
    actor := v_login.token_id;
    if rc = 0 then
        select s.* into stall from khop.stall s where s.bucket = v_login.bucket and s.stall_id = p_stall_id and s.org_id = v_login.org_id;
        select a.* into account from khop.account a where a.account_id = stall.account_id and a.owner_id = actor;
        since := account.owner_since::timestamp at time zone 'Asia/Ho_Chi_Minh';
        rc := case when account.account_id is null then -4 else 0 end;
    end if;
end $f$;
alter function khop.stall_enter owner to khop_fn_org;
revoke all on function khop.stall_enter from public;
comment on function khop.stall_enter is 'Login of a seller at a stall';
