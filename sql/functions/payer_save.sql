-- Adds one payer (p_payer_id NULL), or changes one: p_data is {"ref" (new), "name", "class", "household", "address", "support": [{"policy", "more_months"}], "left"},
-- and what it does not have stays. As a list does (payers_apply), support begins with this month and ends today; charges of whoever leaves stay. A
-- version that is not the stored one changes nothing; nor does what is so already. rc -4 none of theirs, -5 with `what`: ref (a payer has that number),
-- version; -1: a support that nobody knows.
create or replace function khop.payer_save(p_token bytea, p_now timestamptz, p_random int8, p_payer_id int8, p_version text, p_data text)
returns table (rc int2, doc text, what text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_data constant jsonb := p_data::jsonb;
    v_today constant date := (p_now at time zone 'UTC' + interval '7 hours')::date;
    v_login record;
    v_bucket int4;
    v_was khop.payer;
    v_id int8;
    v_action text;
    v_changed bool := false;
begin
    select * into v_login from khop.login(p_token, p_now, 2 | 4);
    rc := v_login.rc;
    v_bucket := v_login.bucket;
    if rc = 0 then
        perform khop.head_lock(v_bucket, v_login.org_id); -- lists of payers take it, too
        v_id := coalesce(p_payer_id, v_bucket::int8 << 48 | (p_random & ((1::int8 << 47) - 1)));
        select * into v_was from khop.payer p where p.bucket = v_bucket and p.payer_id = v_id and p.org_id = v_login.org_id;
        what := case when p_payer_id is null and exists (
                          select 1 from khop.payer p where p.bucket = v_bucket and p.org_id = v_login.org_id and p.ref collate "C" = v_data ->> 'ref') then 'ref'
                     when p_version <> (extract(epoch from v_was.changed_at) * 1000000)::int8::text then 'version' end;
        rc := case when p_payer_id is not null and v_was.payer_id is null then -4
                   when what is not null then -5
                   when exists (select 1 from jsonb_array_elements(v_data -> 'support') w
                                 where not exists (select 1 from khop.support_policy y where y.policy = w ->> 'policy')) then -1
                   else 0 end;
    end if;
    if rc <> 0 then
        return next;
        return;
    end if;
    v_action := case when p_payer_id is null then 'payer.add' when not v_data ? 'left' then 'payer.change'
                     when (v_data ->> 'left')::bool then 'payer.leave' else 'payer.return' end;
    if p_payer_id is null then
        insert into khop.payer (bucket, payer_id, org_id, ref, name, class, household, address, created_at, changed_at)
        values (v_bucket, v_id, v_login.org_id, v_data ->> 'ref', v_data ->> 'name', v_data ->> 'class', v_data ->> 'household', v_data ->> 'address', p_now, p_now);
        v_changed := true;
    else
        v_changed := v_data ? 'name' and v_was.name <> v_data ->> 'name' or v_data ? 'class' and v_was.class is distinct from v_data ->> 'class'
                  or v_data ? 'household' and v_was.household is distinct from v_data ->> 'household'
                  or v_data ? 'address' and v_was.address is distinct from v_data ->> 'address'
                  or v_data ? 'left' and (v_was.left_at is not null) <> (v_data ->> 'left')::bool;
    end if;
    if v_data ? 'support' then
        v_changed := khop.payer_support_set(v_bucket, v_login.org_id, v_id, p_now, v_today, v_data -> 'support') or v_changed;
    end if;
    if v_changed then
        update khop.payer p set name = coalesce(v_data ->> 'name', p.name), class = case when v_data ? 'class' then v_data ->> 'class' else p.class end,
               household = case when v_data ? 'household' then v_data ->> 'household' else p.household end,
               address = case when v_data ? 'address' then v_data ->> 'address' else p.address end, changed_at = p_now,
               left_at = case when not v_data ? 'left' then p.left_at when (v_data ->> 'left')::bool then coalesce(p.left_at, p_now) end
         where p.bucket = v_bucket and p.payer_id = v_id;
        perform khop.audit_add(p_token, p_now, v_action, khop.id_text('pyr', v_id), 'ok', null);
    end if;
    doc := khop.payer_doc(v_bucket, v_id);
    return next;
end $f$;
alter function khop.payer_save owner to khop_fn_org;
revoke all on function khop.payer_save from public;
grant execute on function khop.payer_save to khop_serve;
comment on function khop.payer_save is 'Adds or changes one payer';
