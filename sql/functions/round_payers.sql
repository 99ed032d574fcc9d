-- Who is asked in a round, in the order of its places: a document with a page. p_class NULL: all; p_state: paid, part, open, free, cancelled or
-- NULL for all; p_own: only who has an amount
-- of their own (or has none), or NULL.
-- rc -4: no round of theirs.
create or replace function khop.round_payers(p_token bytea, p_now timestamptz, p_round_id int8, p_class text, p_state text, p_own bool, p_after int4,
    p_limit int4)
returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set join_collapse_limit = 1
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_login record;
begin
    select * into v_login from khop.login(p_token, p_now, 1);
    rc := v_login.rc;
    if rc = 0 and not exists (select 1 from khop.round r where r.bucket = v_login.bucket and r.round_id = p_round_id and r.org_id = v_login.org_id)
        then
        rc := -4;
    end if;
    if rc = 0 then
        doc := (
            select jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('place', x.place, 'payer', khop.id_text('pyr', x.payer_id),
                       'ref', x.ref, 'name', x.name, 'class', x.class, 'amount', x.amount, 'received', x.got, 'payment', x.state, 'code_no', x.code_no,
                       'code_id', khop.id_text('cod', x.charge_id), 'token', encode(x.token, 'hex'), 'paid_at', khop.time_text(x.last_paid_at),
                       'lines', coalesce(x.lines, '[]'), 'own', x.own) order by x.place), '[]'))
              from khop.round_rows(v_login.bucket, p_round_id, p_class, p_state, p_own, p_after, p_limit) x)::text;
    end if;
    return next;
end $f$;
alter function khop.round_payers owner to khop_owner;
revoke all on function khop.round_payers from public;
grant execute on function khop.round_payers to khop_serve;
comment on function khop.round_payers is 'Who is asked in a round and what they have paid';
