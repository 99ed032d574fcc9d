-- Makes a draft of a list (payout_put) with a key: the same request again gets the first list.
-- rc -1 with the faults in `doc`; -4 no such account; -5 the key was used for something else.
create or replace function khop.payout_create(p_token bytea, p_now timestamptz, p_key_hash bytea, p_request_hash bytea, p_random int8, p_account_id int8, p_name text,
    p_month date, p_pay_by date, p_carry bool, p_lines text)
returns table (rc int2, doc text, repeated bool)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_login record;
    v_stored khop.payout;
    v_faults jsonb;
    v_id int8;
begin
    select * into v_login from khop.login(p_token, p_now, 64);
    rc := v_login.rc;
    repeated := false;
    if rc = 0 then
        perform khop.head_lock(v_login.bucket, v_login.org_id);
        select * into v_stored from khop.payout p where p.bucket = v_login.bucket and p.org_id = v_login.org_id and p.key_hash = p_key_hash;
        repeated := v_stored.payout_id is not null;
        rc := case when repeated then case when v_stored.request_hash = p_request_hash then 0 else -5 end
                   when not exists (select from khop.account a where a.account_id = p_account_id and a.org_id = v_login.org_id) then -4 else 0 end;
    end if;
    if rc = 0 and not repeated then
        v_id := v_login.bucket::int8 << 48 | (p_random & ((1::int8 << 48) - 1));
        v_faults := khop.payout_put(v_login.bucket, v_login.org_id, v_id, p_now, v_login.token_id, p_account_id, p_name, p_month, p_pay_by, p_carry,
            p_lines::jsonb, p_key_hash, p_request_hash);
        if v_faults <> '[]' then
            rc := -1;
            doc := v_faults::text;
        else
            perform khop.audit_add(p_token, p_now, 'payout.create', khop.id_text('lst', v_id), 'ok', null);
        end if;
    end if;
    if rc = 0 then
        doc := khop.payout_doc(v_login.bucket, coalesce(v_id, v_stored.payout_id));
    end if;
    return next;
end
$f$;
alter function khop.payout_create owner to khop_fn_org;
revoke all on function khop.payout_create from public;
grant execute on function khop.payout_create to khop_serve;
comment on function khop.payout_create is 'Makes a draft of a payout list';
