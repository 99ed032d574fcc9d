-- A payout list of the token's organisation, and what its holder may do with it now. rc -4: none of theirs.
create or replace function khop.payout_get(p_token bytea, p_now timestamptz, p_payout_id int8)
returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_login record;
    v_payout khop.payout;
    v_make bool;
    v_check bool;
begin
    v_make := (select l.rc = 0 from khop.login(p_token, p_now, 64) l);
    v_check := (select l.rc = 0 from khop.login(p_token, p_now, 128) l);
    select * into v_login from khop.login(p_token, p_now, 1 | 64 | 128 | 256);
    rc := v_login.rc;
    if rc = 0 then
        select * into v_payout from khop.payout p where p.bucket = v_login.bucket and p.payout_id = p_payout_id and p.org_id = v_login.org_id;
        rc := case when v_payout.payout_id is null then -4 else 0 end;
    end if;
    doc := case when rc = 0 then (khop.payout_doc(v_login.bucket, p_payout_id)::jsonb || jsonb_build_object(
        'may_make', v_make and v_payout.state = 'draft',
        'may_check', v_check and v_payout.state = 'submitted' and v_login.token_id not in (v_payout.created_by, v_payout.submitted_by)))::text end;
    return next;
end
$f$;
alter function khop.payout_get owner to khop_fn_org;
revoke all on function khop.payout_get from public;
grant execute on function khop.payout_get to khop_serve;
comment on function khop.payout_get is 'A payout list';
