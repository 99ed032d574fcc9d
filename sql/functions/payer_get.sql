-- A payer of the token's organisation: what there is to know, the charges (the newest hundred), who is of the same household.
-- rc -4: none of theirs.
create or replace function khop.payer_get(p_token bytea, p_now timestamptz, p_payer_id int8) returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_login record;
    v_bucket int4;
begin
    select * into v_login from khop.login(p_token, p_now, 1);
    rc := v_login.rc;
    if rc = 0 then
        v_bucket := v_login.bucket;
        rc := case when exists (select 1 from khop.payer p where p.bucket = v_bucket and p.payer_id = p_payer_id and p.org_id = v_login.org_id) then 0 else -4 end;
    end if;
    if rc = 0 then
        doc := khop.payer_doc(v_bucket, p_payer_id);
    end if;
    return next;
end $f$;
alter function khop.payer_get owner to khop_owner;
revoke all on function khop.payer_get from public;
grant execute on function khop.payer_get to khop_serve;
comment on function khop.payer_get is 'A payer with charges and household';
