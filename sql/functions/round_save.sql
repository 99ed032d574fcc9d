-- Makes a round, or makes one that is a draft anew: its items, whom it asks (the payers of the classes, NULL all; whoever has left is not asked),
-- the lines
-- of each with what the state pays below zero. Amounts that single pupils have of their own stay (round_amounts_keep). Idempotent by the key. A
-- version that is not the stored one changes nothing. Items may say where they were read (`at`).
-- rc -1 with the place of the fault in `what`: /classes nobody is in them, /items nobody is asked for anything, /items/AT/by_class a class that
-- nobody is in; -4 no account or no round of theirs; -5 with `what`: key (was used for something else), version, state (it is no draft any more).
create or replace function khop.round_save(p_token bytea, p_now timestamptz, p_key_hash bytea, p_request_hash bytea, p_random int8, p_round_id int8,
    p_account_id int8, p_name text, p_month date, p_due_on date, p_items text, p_classes text[], p_version text)
returns table (rc int2, doc text, what text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set join_collapse_limit = 1
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $f$
#variable_conflict use_column
declare
    v_login record;
    v_bucket int4;
    v_round khop.round;
    v_id int8;
    v_before khop.idempotency;
    v_known text[]; -- classes of payers who are there, '' for none
begin
    select * into v_login from khop.login(p_token, p_now, 2 | 4);
    rc := v_login.rc;
    v_bucket := v_login.bucket;
    if rc = 0 then
        perform khop.head_lock(v_bucket, v_login.org_id);
        v_id := coalesce(p_round_id, v_bucket::int8 << 48 | (p_random & ((1::int8 << 48) - 1)));
        insert into khop.idempotency (bucket, org_id, key_hash, request_hash, charge_id, created_at)
        values (v_bucket, v_login.org_id, p_key_hash, p_request_hash, v_id, p_now) on conflict do nothing;
        if not found then
            select * into v_before from khop.idempotency i where i.bucket = v_bucket and i.org_id = v_login.org_id and i.key_hash = p_key_hash;
            rc := case when v_before.request_hash <> p_request_hash then -5 else 0 end;
            what := case when rc <> 0 then 'key' end;
            doc := case when rc = 0 then khop.round_doc(v_bucket, v_before.charge_id) end;
            return next;
            return;
        end if;
        select * into v_round from khop.round r where r.bucket = v_bucket and r.round_id = v_id and r.org_id = v_login.org_id;
        rc := case when not exists (select 1 from khop.account a where a.account_id = p_account_id and a.org_id = v_login.org_id) then -4
                   when p_round_id is not null and v_round.round_id is null then -4
                   else 0 end;
        if rc = 0 then
            v_known := array(select distinct coalesce(p.class, '') from khop.payer p where p.bucket = v_bucket and p.org_id = v_login.org_id and p.left_at is null);
            what := case when v_round.state <> 'draft' then 'state'
                         when p_version <> khop.round_version(v_round.changed_at) then 'version'
                         else khop.round_fault(p_items::jsonb, array(select k.class from unnest(v_known) k (class)
                                                where p_classes is null or k.class <> '' and k.class = any (p_classes)), v_known) end;
            rc := case when what is null then 0 when what in ('state', 'version') then -5 else -1 end;
        end if;
        if rc <> 0 then
            delete from khop.idempotency i where i.bucket = v_bucket and i.org_id = v_login.org_id and i.key_hash = p_key_hash;
        end if;
    end if;
    if rc <> 0 then
        return next;
        return;
    end if;

    if p_round_id is null then
        insert into khop.round (bucket, round_id, org_id, account_id, name, month, due_on, state, payers, charges, amount, created_at, created_by,
            changed_at)
        values (v_bucket, v_id, v_login.org_id, p_account_id, p_name, p_month, p_due_on, 'draft', 0, 0, 0, p_now, v_login.token_id, p_now);
    else
        update khop.round r set account_id = p_account_id, name = p_name, month = p_month, due_on = p_due_on, changed_at = p_now
         where r.bucket = v_bucket and r.round_id = v_id;
        perform khop.round_amounts_keep(v_bucket, v_id, p_items::jsonb);
        delete from khop.round_item i where i.bucket = v_bucket and i.round_id = v_id;
        delete from khop.round_payer p where p.bucket = v_bucket and p.round_id = v_id;
    end if;
    insert into khop.round_item (bucket, round_id, place, org_id, label, kind, amount, by_class)
    select v_bucket, v_id, x.place, v_login.org_id, x.item ->> 'label', x.item ->> 'kind', (x.item ->> 'amount')::int8, coalesce(x.item
        -> 'by_class', '{}')
      from jsonb_array_elements(p_items::jsonb) with ordinality x (item, place);
    insert into khop.round_payer (bucket, round_id, place, org_id, payer_id, class, amount)
    select v_bucket, v_id, row_number() over (order by coalesce(p.class, U&'\FFFF') collate khop.vn, p.given, p.name collate khop.vn, p.ref collate "C"),
           v_login.org_id, p.payer_id, coalesce(p.class, ''), 0
      from khop.payer p
     where p.bucket = v_bucket and p.org_id = v_login.org_id and p.left_at is null and (p_classes is null or p.class = any (p_classes));
    perform khop.round_lines(v_bucket, v_id);
    doc := khop.round_doc(v_bucket, v_id);
    return next;
end $f$;
alter function khop.round_save owner to khop_fn_org;
revoke all on function khop.round_save from public;
grant execute on function khop.round_save to khop_serve;
comment on function khop.round_save is 'Makes a round of fees, or a draft anew';
