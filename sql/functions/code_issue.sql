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
    v_known record;
    v_key khop.idempotency;
    v_code int4;
    v_row khop.code_row;
begin
    select * into v_login from khop.login(p_token, p_now, 2);
    v_row.rc := v_login.rc;
    if v_row.rc <> 0 then
        return next v_row;
        return;
    end if;
    select k.direction, a.account_id, a.bin, a.account_no, a.holder, o.name as org_name into v_known
      from (select x.name from khop.org x where x.org_id = v_login.org_id limit 1) o
      left join lateral (select x.direction from khop.code_kind x where x.letter = p_kind and x.valid_from <= p_now limit 1) k on true
      left join lateral (
           select x.account_id, x.bin, x.account_no, x.holder from khop.account x
            where x.account_id = p_account_id and x.org_id = v_login.org_id and (not x.private or x.owner_id = v_login.token_id) limit 1) a on true;
    if v_known.direction is null or coalesce(cardinality(p_codes), 0) = 0 then
        v_row.rc := -1;
    elsif cardinality(p_line_amounts) > 0 then
        select case when sum(l) is distinct from p_amount then -1 else 0 end into v_row.rc from unnest(p_line_amounts) l;
    end if;
    if v_row.rc <> 0 then
        return next v_row;
        return;
    end if;
    v_row.charge_id := v_login.bucket::int8 << 48 | (p_random & ((1::int8 << 48) - 1));
    insert into khop.idempotency (bucket, org_id, key_hash, request_hash, charge_id, created_at)
    values (v_login.bucket, v_login.org_id, p_key_hash, p_request_hash, v_row.charge_id, p_now)
    on conflict do nothing;
    if not found then
        select * into v_key from khop.idempotency i
         where i.bucket = v_login.bucket and i.org_id = v_login.org_id and i.key_hash = p_key_hash;
        if v_key.request_hash <> p_request_hash then
            v_row.rc := -5;
        else
            select * into v_row from khop.code_rows(array[v_login.bucket], array[v_key.charge_id], null);
            v_row.repeated := true;
            v_row.credit_used := case when v_row.payer_id is null then 0
                else khop.code_credit(v_login.bucket, v_login.org_id, v_row.payer_id, v_row.code_no, v_row.created_at) end;
            v_row.paid := v_row.credit_used;
            v_row.status := khop.charge_status(false, v_row.amount, v_row.paid, null, null);
        end if;
        return next v_row;
        return;
    end if;
    v_row.payer_name := p_payer_name;
    v_row.payer_class := p_payer_class;
    if v_known.account_id is null then
        v_row.rc := -4;
    else
        if v_known.direction = 1 and p_payer_ref is not null and (p_amount is not null or p_kind = 'K') then
            v_row.payer_id := (khop.payer_of(v_login.bucket, v_login.org_id, array[p_payer_ref]))[1];
            if v_row.payer_id is not null then
                select coalesce(p_payer_name, p.name), coalesce(p_payer_class, p.class) into v_row.payer_name, v_row.payer_class
                  from khop.payer p where p.bucket = v_login.bucket and p.payer_id = v_row.payer_id;
            end if;
        end if;
        -- A handful of random numbers, the first free one: almost always the first.
        v_row.rc := -13;
        foreach v_code in array p_codes loop
            if strpos('23456789ABCDEFGHJKMNPQRSTUVWXYZ', p_kind) - 1 <> v_code / 28629151 then
                v_row.rc := -1;
                exit;
            end if;
            insert into khop.charge_due (bucket, code_no, charge_id, org_id, account_id, due, expires_at, direction, of_payer)
            values (v_login.bucket, v_code, v_row.charge_id, v_login.org_id, p_account_id, p_amount, p_expires_at, v_known.direction,
                    v_row.payer_id is not null)
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
        return next v_row;
        return;
    end if;
    insert into khop.charge (bucket, charge_id, org_id, account_id, code_no, kind, amount, label, due_on, expires_at, token, created_at, created_by,
           payer_id)
    values (v_login.bucket, v_row.charge_id, v_login.org_id, p_account_id, v_code, p_kind, p_amount, p_label, p_due_on, p_expires_at,
            p_pay_token, p_now, v_login.token_id, v_row.payer_id);
    if coalesce(p_payer_ref, v_row.payer_name, v_row.payer_class) is not null then
        insert into khop.party (bucket, charge_id, role, org_id, ref, name, class)
        values (v_login.bucket, v_row.charge_id, 1, v_login.org_id, p_payer_ref, v_row.payer_name, v_row.payer_class);
    end if;
    if coalesce(p_payee_name, p_payee_bin, p_payee_account_no) is not null then
        insert into khop.party (bucket, charge_id, role, org_id, name, bin, account_no)
        values (v_login.bucket, v_row.charge_id, 2, v_login.org_id, p_payee_name, p_payee_bin, p_payee_account_no);
    end if;
    if cardinality(p_line_amounts) > 0 then
        insert into khop.charge_line (bucket, charge_id, place, org_id, label, amount)
        select v_login.bucket, v_row.charge_id, l.place, v_login.org_id, l.label, l.amount
          from unnest(p_line_labels, p_line_amounts) with ordinality l (label, amount, place);
        select json_agg(json_build_array(l.label, l.amount) order by l.place)::text into v_row.lines
          from unnest(p_line_labels, p_line_amounts) with ordinality l (label, amount, place);
    end if;
    v_row.credit_used := 0;
    if p_credit and v_row.payer_id is not null then
        if khop.credit_use(v_login.bucket, v_login.org_id, p_now, array[v_row.payer_id]) <> 0 then
            raise exception 'code_issue: credit that is there cannot be used'; -- a fault of ours: nothing is issued
        end if;
        select d.adjusted into v_row.credit_used from khop.charge_due d where d.bucket = v_login.bucket and d.code_no = v_code;
    end if;
    -- What code_rows would read, from what has just been written.
    v_row.repeated := false;
    v_row.code_no := v_code;
    v_row.kind := p_kind;
    v_row.amount := p_amount;
    v_row.paid := v_row.credit_used;
    v_row.status := khop.charge_status(false, p_amount, v_row.paid, null, null);
    v_row.label := p_label;
    v_row.account_id := p_account_id;
    v_row.bin := v_known.bin;
    v_row.account_no := v_known.account_no;
    v_row.holder := v_known.holder;
    v_row.payer_ref := p_payer_ref;
    v_row.payee_bin := p_payee_bin;
    v_row.payee_account_no := p_payee_account_no;
    v_row.payee_name := p_payee_name;
    v_row.due_on := p_due_on;
    v_row.expires_at := p_expires_at;
    v_row.token := p_pay_token;
    v_row.created_at := p_now;
    v_row.org_id := v_login.org_id;
    v_row.org_name := v_known.org_name;
    v_row.receipt_voided := false;
    return next v_row;
end $f$;
alter function khop.code_issue owner to khop_fn_org;
revoke all on function khop.code_issue from public;
grant execute on function khop.code_issue to khop_serve, khop_jobs;
comment on function khop.code_issue is 'Issues a payment code; idempotent by the key';
