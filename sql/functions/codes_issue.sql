-- Issues codes that are asked for at the same time, by the short way: by API tokens, money in, without lines, with a key that is new, a number that is
-- free, and nobody of the list of payers to pay. Such an ask gets its row; any other none, and nothing of it is left: it comes again by
-- code_issue, which has all the rules and says what is wrong. What a statement costs before it writes is most of what a code alone costs.
-- Arrays of one length, an element an ask. Rows stand in the order of the asks.
create or replace function khop.codes_issue(p_tokens bytea[], p_nows timestamptz[], p_key_hashes bytea[], p_request_hashes bytea[], p_randoms int8[],
    p_pay_tokens bytea[], p_accounts int8[], p_kinds text[], p_codes int4[], p_amounts int8[], p_labels text[], p_refs text[], p_names text[],
    p_classes text[], p_dues date[], p_expires timestamptz[])
returns setof khop.code_row
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
as $f$
declare
    v_now constant timestamptz := (select max(n) from unnest(p_nows) n);
    v_token bytea;
    v_key bytea;
    v_login record;
    v_payers int8[];
    v_taken bytea[]; -- keys of those whose number somebody has
    v_rows khop.code_row[];
    v_done khop.code_row[];
begin
    foreach v_token in array array(select distinct t from unnest(p_tokens) t) loop
        continue when khop.scopes_of(v_token) & 2 = 0; -- whoever is refused is written down by code_issue
        select * into v_login from khop.login(v_token, v_now, 2);
        continue when v_login.rc <> 0;
        v_payers := khop.payer_of(v_login.bucket, v_login.org_id, p_refs);
        with ask as materialized (
            select x.*, v_login.bucket::int8 << 48 | (x.random & ((1::int8 << 48) - 1)) as charge_id, a.bin, a.account_no, a.holder
              from (select unnest(p_tokens) as token, unnest(p_nows) as at, unnest(p_key_hashes) as key_hash, unnest(p_request_hashes) as request_hash,
                           unnest(p_randoms) as random, unnest(p_pay_tokens) as pay_token, unnest(p_accounts) as account_id, unnest(p_kinds) as kind,
                           unnest(p_codes) as code_no, unnest(p_amounts) as amount, unnest(p_labels) as label, unnest(p_refs) as ref,
                           unnest(p_names) as name, unnest(p_classes) as class, unnest(p_dues) as due_on, unnest(p_expires) as expires_at,
                           unnest(v_payers) as payer_id, generate_series(1, cardinality(p_tokens)) as place) x
              join lateral (select k.direction from khop.code_kind k where k.letter = x.kind and k.valid_from <= x.at limit 1) k on k.direction = 1
              join lateral (
                   select a.bin, a.account_no, a.holder from khop.account a
                    where a.account_id = x.account_id and a.org_id = v_login.org_id and (not a.private or a.owner_id = v_login.token_id) limit 1) a on true
             where x.token = v_token and x.payer_id is null and strpos('23456789ABCDEFGHJKMNPQRSTUVWXYZ', x.kind) - 1 = x.code_no / 28629151),
        key as (
            insert into khop.idempotency (bucket, org_id, key_hash, request_hash, charge_id, created_at)
            select v_login.bucket, v_login.org_id, x.key_hash, x.request_hash, x.charge_id, x.at from ask x order by x.key_hash
            on conflict do nothing
            returning charge_id, key_hash),
        due as (
            insert into khop.charge_due (bucket, code_no, charge_id, org_id, account_id, due, expires_at, direction)
            select v_login.bucket, x.code_no, x.charge_id, v_login.org_id, x.account_id, x.amount, x.expires_at, 1
              from ask x join key k on k.charge_id = x.charge_id order by x.code_no
            on conflict do nothing
            returning charge_id),
        fact as (
            insert into khop.charge (bucket, charge_id, org_id, account_id, code_no, kind, amount, label, due_on, expires_at, token, created_at, created_by)
            select v_login.bucket, x.charge_id, v_login.org_id, x.account_id, x.code_no, x.kind, x.amount, x.label, x.due_on, x.expires_at, x.pay_token,
                   x.at, v_login.token_id
              from ask x join due d on d.charge_id = x.charge_id),
        person as (
            insert into khop.party (bucket, charge_id, role, org_id, ref, name, class)
            select v_login.bucket, x.charge_id, 1, v_login.org_id, x.ref, x.name, x.class
              from ask x join due d on d.charge_id = x.charge_id where coalesce(x.ref, x.name, x.class) is not null)
        select array(select k.key_hash from key k where not exists (select 1 from due d where d.charge_id = k.charge_id)),
               array_agg(row(0, false, x.charge_id, x.code_no, x.kind, 'issued', x.amount, 0, x.label, x.account_id, x.bin, x.account_no, x.holder, x.ref, x.name,
                   null, null, null, x.due_on, x.expires_at, x.pay_token, x.at, v_login.org_id, o.name, null, null, null, null, null, null, x.class, null, false,
                   null, 0, x.place)::khop.code_row)
          into v_taken, v_done
          from (select o.name from khop.org o where o.org_id = v_login.org_id limit 1) o
          cross join ask x
          join due d on d.charge_id = x.charge_id;
        foreach v_key in array v_taken loop -- by itself: of an array the plan might make a filter
            delete from khop.idempotency i where i.bucket = v_login.bucket and i.org_id = v_login.org_id and i.key_hash = v_key;
        end loop;
        v_rows := v_rows || v_done;
    end loop;
    return query select r.* from unnest(v_rows) r order by r.place;
end $f$;
alter function khop.codes_issue owner to khop_fn_org;
revoke all on function khop.codes_issue from public;
grant execute on function khop.codes_issue to khop_serve;
comment on function khop.codes_issue is 'Issues codes that are asked for at the same time, by the short way';
