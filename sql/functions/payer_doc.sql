-- The document of a payer that the caller has found to be its own: what there is to know, the charges (the newest hundred), who is of the same
-- household. `version` is another one after every change.
create or replace function khop.payer_doc(p_bucket int4, p_payer_id int8) returns text
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_payer khop.payer;
begin
    select * into v_payer from khop.payer p where p.bucket = p_bucket and p.payer_id = p_payer_id;
    return jsonb_build_object('id', khop.id_text('pyr', v_payer.payer_id), 'ref', v_payer.ref, 'name', v_payer.name, 'class', v_payer.class,
        'household', v_payer.household, 'address', v_payer.address, 'credit', coalesce((
            select c.amount from khop.credit c where c.bucket = p_bucket and c.payer_id = p_payer_id), 0), 'created_at',
                khop.time_text(v_payer.created_at), 'left_at', khop.time_text(v_payer.left_at),
        'version', (extract(epoch from v_payer.changed_at) * 1000000)::int8::text,
        'support', coalesce((
            select jsonb_agg(jsonb_build_object('policy', s.policy, 'label', y.label, 'valid_from', s.valid_from, 'valid_to', s.valid_to, 'more_months', s.more_months)
                order by s.policy)
              from khop.payer_support s join khop.support_policy y on y.policy = s.policy
             where s.bucket = p_bucket and s.payer_id = p_payer_id), '[]'),
        'siblings', coalesce((
            select jsonb_agg(jsonb_build_object('id', khop.id_text('pyr', p.payer_id), 'name', p.name, 'class', p.class)
                order by p.name collate khop.vn)
              from khop.payer p
             where p.bucket = p_bucket and p.org_id = v_payer.org_id and p.household = v_payer.household and p.payer_id <> p_payer_id), '[]'),
        'charges', coalesce((
            select jsonb_agg(jsonb_build_object('id', khop.id_text('cod', c.charge_id), 'code_no', c.code_no, 'label', c.label, 'amount', d.due,
                       'paid', d.paid + d.adjusted, 'status', khop.charge_status(d.cancelled, d.due, d.paid + d.adjusted, c.due_on,
                           d.last_paid_at),
                       'due_on', c.due_on, 'created_at', khop.time_text(c.created_at), 'token', encode(c.token, 'hex'))
                           order by c.created_at desc, c.charge_id)
              from (select c.* from khop.charge c where c.bucket = p_bucket and c.payer_id = p_payer_id order by c.created_at desc limit 100) c
              join lateral (select d.* from khop.charge_due d where d.bucket = p_bucket and d.code_no = c.code_no limit 1) d on true),
                  '[]'))::text;
end $f$;
alter function khop.payer_doc owner to khop_owner;
revoke all on function khop.payer_doc from public;
grant execute on function khop.payer_doc to khop_fn_org;
comment on function khop.payer_doc is 'The document of a payer';
