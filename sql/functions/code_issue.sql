-- Issues a code on an account of the token's organisation. Repeats with the same key and request get the charge as it was at issue.
-- A reference that names a payer makes the charge that payer's when it has an amount (or is a card's, which is for whatever is owed); its
-- credit is then used, unless p_credit is false.
-- rc -1 code and kind do not agree, or the lines do not add up to the amount, -4 not an account of theirs, -5 the key was used with
-- another request, -13 no candidate is free.
create or replace function khop.code_issue(
    p_token bytea, p_now timestamptz, p_key_hash bytea, p_request_hash bytea, p_random int8, p_pay_token bytea,
    p_account_id int8, p_kind text, p_codes int4[], p_amount int8, p_label text, p_payer_ref text, p_payer_name text,
    p_payee_bin text, p_payee_account_no text, p_payee_name text, p_due_on date, p_expires_at timestamptz,
    p_payer_class text default null, p_line_labels text[] default null, p_line_amounts int8[] default null,
    p_credit bool default true)
returns setof khop.code_row
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
    v_key khop.idempotency;
    v_direction int2;
    v_code int4;
    v_charge_id int8;
    v_payer khop.payer;
    v_row khop.code_row;
begin
    select * into v_login from khop.login(p_token, p_now, 2);
    v_row.rc := v_login.rc;
    if v_row.rc = 0 then
        v_charge_id := v_login.bucket::int8 << 48 | (p_random & ((1::int8 << 48) - 1));
        select k.direction into v_direction from khop.code_kind k where k.letter = p_kind and k.valid_from <= p_now;
        if v_direction is null or coalesce(cardinality(p_codes), 0) = 0 or exists (
            select 1 from unnest(p_codes) c
             where strpos('23456789ABCDEFGHJKMNPQRSTUVWXYZ', p_kind) - 1 <> c / 28629151)
            or cardinality(p_line_amounts) > 0 and (select sum(l) from unnest(p_line_amounts) l) is distinct from p_amount then
            v_row.rc := -1;
        else
            insert into khop.idempotency (bucket, org_id, key_hash, request_hash, charge_id, created_at)
            values (v_login.bucket, v_login.org_id, p_key_hash, p_request_hash, v_charge_id, p_now)
            on conflict do nothing;
            if not found then
                select * into v_key from khop.idempotency i
                 where i.bucket = v_login.bucket and i.org_id = v_login.org_id and i.key_hash = p_key_hash;
                if v_key.request_hash <> p_request_hash then
                    v_row.rc := -5;
                else
                    select * into v_row from khop.code_rows(array[v_login.bucket], array[v_key.charge_id], false);
                    v_row.repeated := true;
                    v_row.credit_used := case when v_row.payer_id is null then 0
                        else khop.code_credit(v_login.bucket, v_login.org_id, v_row.payer_id, v_row.code_no, v_row.created_at) end;
                    v_row.paid := v_row.credit_used;
                    v_row.status := khop.charge_status(false, v_row.amount, v_row.paid, null, null);
                end if;
                return next v_row;
                return;
            end if;
            if not exists (select 1 from khop.account a where a.account_id = p_account_id and a.org_id = v_login.org_id
                              and (not a.private or a.owner_id = v_login.token_id)) then
                v_row.rc := -4;
            else
                if v_direction = 1 and p_payer_ref is not null and (p_amount is not null or p_kind = 'K') then
                    select p.* into v_payer
                      from unnest(khop.payer_of(v_login.bucket, v_login.org_id, array[p_payer_ref])) i (payer_id)
                      join lateral (select p.* from khop.payer p where p.bucket = v_login.bucket and p.payer_id = i.payer_id limit 1) p on true;
                end if;
                -- A handful of random numbers, the first free one: almost always the first.
                v_row.rc := -13;
                foreach v_code in array p_codes loop
                    insert into khop.charge_due (bucket, code_no, charge_id, org_id, account_id, due, expires_at, direction, of_payer)
                    values (v_login.bucket, v_code, v_charge_id, v_login.org_id, p_account_id, p_amount, p_expires_at, v_direction,
                            v_payer.payer_id is not null)
                    on conflict do nothing;
                    if found then
                        v_row.rc := 0;
                        exit;
                    end if;
                end loop;
            end if;
            if v_row.rc <> 0 then
                delete from khop.idempotency i
                 where i.bucket = v_login.bucket and i.org_id = v_login.org_id and i.key_hash = p_key_hash;
            end if;
        end if;
    end if;
    if v_row.rc <> 0 then
        return next v_row;
        return;
    end if;
    insert into khop.charge (bucket, charge_id, org_id, account_id, code_no, kind, amount, label, due_on, expires_at, token, created_at, created_by,
           payer_id)
    values (v_login.bucket, v_charge_id, v_login.org_id, p_account_id, v_code, p_kind, p_amount, p_label, p_due_on, p_expires_at,
            p_pay_token, p_now, v_login.token_id, v_payer.payer_id);
    insert into khop.party (bucket, charge_id, role, org_id, ref, name, bin, account_no, class)
    select v_login.bucket, v_charge_id, p.role, v_login.org_id, p.ref, p.name, p.bin, p.account_no, p.class
      from (values (1::int2, p_payer_ref, coalesce(p_payer_name, v_payer.name), null, null, coalesce(p_payer_class, v_payer.class)),
           (2::int2, null, p_payee_name, p_payee_bin, p_payee_account_no, null))
           p (role, ref, name, bin, account_no, class)
     where coalesce(p.ref, p.name, p.bin, p.account_no, p.class) is not null;
    insert into khop.charge_line (bucket, charge_id, place, org_id, label, amount)
    select v_login.bucket, v_charge_id, l.place, v_login.org_id, l.label, l.amount
      from unnest(p_line_labels, p_line_amounts) with ordinality l (label, amount, place);
    if p_credit and v_payer.payer_id is not null and khop.credit_use(v_login.bucket, v_login.org_id, p_now, array[v_payer.payer_id]) <> 0 then
        raise exception 'code_issue: credit that is there cannot be used'; -- a fault of ours: nothing is issued
    end if;
    return query select * from khop.code_rows(array[v_login.bucket], array[v_charge_id], false);
end $f$;
alter function khop.code_issue owner to khop_fn_org;
revoke all on function khop.code_issue from public;
grant execute on function khop.code_issue to khop_serve, khop_jobs;
comment on function khop.code_issue is 'Issues a payment code; idempotent by the key';
