-- A payout list of the token's organisation. rc -4: none of theirs.
create or replace function khop.payout_get(p_token bytea, p_now timestamptz, p_payout_id int8)
returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
as $f$
declare
    v_login record;
begin
    select * into v_login from khop.login(p_token, p_now, 1 | 64 | 128 | 256);
    rc := v_login.rc;
    if rc = 0 then
        rc := case when exists (select from khop.payout p where p.bucket = v_login.bucket and p.payout_id = p_payout_id and p.org_id = v_login.org_id)
                   then 0 else -4 end;
    end if;
    doc := case when rc = 0 then khop.payout_doc(v_login.bucket, p_payout_id) end;
    return next;
end
$f$;
alter function khop.payout_get owner to khop_fn_org;
revoke all on function khop.payout_get from public;
grant execute on function khop.payout_get to khop_serve;
comment on function khop.payout_get is 'A payout list';
