-- A round of the token's organisation. rc -4: none of theirs.
create or replace function khop.round_get(p_token bytea, p_now timestamptz, p_round_id int8) returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_login record;
begin
    select * into v_login from khop.login(p_token, p_now, 1);
    rc := v_login.rc;
    if rc = 0 then
        rc := case when exists (select 1 from khop.round r where r.bucket = v_login.bucket and r.round_id = p_round_id
            and r.org_id = v_login.org_id) then 0 else -4 end;
    end if;
    doc := case when rc = 0 then khop.round_doc(v_login.bucket, p_round_id) end;
    return next;
end $f$;
alter function khop.round_get owner to khop_fn_org;
revoke all on function khop.round_get from public;
grant execute on function khop.round_get to khop_serve;
comment on function khop.round_get is 'A round with its sums by class';
