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
    v_payer khop.payer;
    v_bucket int4;
begin
    select * into v_login from khop.login(p_token, p_now, 1);
    rc := v_login.rc;
    if rc = 0 then
        v_bucket := v_login.bucket;
        select * into v_payer from khop.payer p where p.bucket = v_bucket and p.payer_id = p_payer_id and p.org_id = v_login.org_id;
        rc := case when v_payer.payer_id is null then -4 else 0 end;
    end if;
    if rc = 0 then
        doc := jsonb_build_object('id', khop.id_text('pyr', v_payer.payer_id), 'ref', v_payer.ref, 'name', v_payer.name, 'class', v_payer.class,
            'household', v_payer.household, 'address', v_payer.address, 'credit', coalesce((
                select c.amount from khop.credit c where c.bucket = v_bucket and c.payer_id = p_payer_id), 0), 'created_at',
                    khop.time_text(v_payer.created_at), 'left_at', khop.time_text(v_payer.left_at),
            'support', coalesce((
                select jsonb_agg(jsonb_build_object('policy', s.policy, 'label', y.label, 'valid_from', s.valid_from, 'valid_to', s.valid_to)
                    order by s.policy)
                  from khop.payer_support s join khop.support_policy y on y.policy = s.policy
                 where s.bucket = v_bucket and s.payer_id = p_payer_id), '[]'),
            'siblings', coalesce((
                select jsonb_agg(jsonb_build_object('id', khop.id_text('pyr', p.payer_id), 'name', p.name, 'class', p.class)
                    order by p.name collate khop.vn)
                  from khop.payer p
                 where p.bucket = v_bucket and p.org_id = v_login.org_id and p.household = v_payer.household and p.payer_id <> p_payer_id), '[]'),
            'charges', coalesce((
                select jsonb_agg(jsonb_build_object('id', khop.id_text('cod', c.charge_id), 'code_no', c.code_no, 'label', c.label, 'amount', d.due,
                           'paid', d.paid + d.adjusted, 'status', khop.charge_status(d.cancelled, d.due, d.paid + d.adjusted, c.due_on,
                               d.last_paid_at),
                           'due_on', c.due_on, 'created_at', khop.time_text(c.created_at), 'token', encode(c.token, 'hex'))
                               order by c.created_at desc, c.charge_id)
                  from (select c.* from khop.charge c where c.bucket = v_bucket and c.payer_id = p_payer_id order by c.created_at desc limit 100) c
                  join lateral (select d.* from khop.charge_due d where d.bucket = v_bucket and d.code_no = c.code_no limit 1) d on true),
                      '[]'))::text;
    end if;
    return next;
end $f$;
alter function khop.payer_get owner to khop_owner;
revoke all on function khop.payer_get from public;
grant execute on function khop.payer_get to khop_serve;
comment on function khop.payer_get is 'A payer with charges and household';
