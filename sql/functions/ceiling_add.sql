-- A new ceiling for a kind of fee, by a decision; it replaces the older ones of its kind from its first month on. By an administrator. Answers the
-- list.
create or replace function khop.ceiling_add(p_token bytea, p_now timestamptz, p_random int8, p_kind text, p_amount int8, p_decision text,
    p_valid_from date, p_valid_to date) returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_login record;
begin
    select * into v_login from khop.login(p_token, p_now, 8);
    rc := v_login.rc;
    if rc = 0 then
        insert into khop.fee_ceiling (bucket, ceiling_id, org_id, kind, amount, decision, valid_from, valid_to, created_at, created_by)
        values (v_login.bucket, v_login.bucket::int8 << 48 | (p_random & ((1::int8 << 48) - 1)), v_login.org_id, p_kind, p_amount, p_decision,
            p_valid_from,
            p_valid_to, p_now, v_login.token_id);
        perform khop.audit_add(p_token, p_now, 'ceiling.add', p_kind, 'ok', format('amount=%s from=%s', p_amount, p_valid_from));
        return query select l.rc, l.doc from khop.ceiling_list(p_token, p_now) l;
        return;
    end if;
    return next;
end $f$;
alter function khop.ceiling_add owner to khop_fn_org;
revoke all on function khop.ceiling_add from public;
grant execute on function khop.ceiling_add to khop_serve;
comment on function khop.ceiling_add is 'Adds a ceiling for a kind of fee';
