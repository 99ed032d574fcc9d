-- The document of a round that the caller has found to be its own: items, how many pupils have amounts of their own and what those stand instead of,
-- what goes above a ceiling, and by class how many have paid, in part, not at all.
create or replace function khop.round_doc(p_bucket int4, p_round_id int8) returns text
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set join_collapse_limit = 1
set jit = off
set enable_seqscan = off
as $f$
declare
    v_round khop.round;
begin
    select * into v_round from khop.round r where r.bucket = p_bucket and r.round_id = p_round_id;
    return (
        with paid as materialized (
            select p.class, p.amount, p.code_no is not null as issued, coalesce(d.paid + d.adjusted, 0) as got, coalesce(d.cancelled,
                false) as cancelled
              from khop.round_payer p
              left join lateral (select d.* from khop.charge_due d where d.bucket = p_bucket and d.code_no = p.code_no limit 1) d on true
             where p.bucket = p_bucket and p.round_id = p_round_id),
        by_class as (
            select p.class, count(*) as payers, count(*) filter (where p.amount = 0) as free,
                   count(*) filter (where p.amount > 0 and p.got >= p.amount) as paid, count(*) filter (where p.got > 0 and p.got < p.amount) as part,
                   count(*) filter (where p.amount > 0 and p.got = 0 and not p.cancelled) as open, count(*) filter (where p.cancelled) as cancelled,
                   sum(p.amount) filter (where not p.cancelled) as amount, sum(least(p.got, p.amount)) as got
              from paid p group by p.class)
        select jsonb_build_object('id', khop.id_text('rnd', v_round.round_id), 'name', v_round.name, 'month', to_char(v_round.month, 'YYYY-MM'),
            'due_on', v_round.due_on, 'account', khop.id_text('acc', v_round.account_id), 'state', v_round.state,
            'version', khop.round_version(v_round.changed_at), 'payers', v_round.payers,
            'charges', v_round.charges, 'amount', v_round.amount, 'issued', v_round.issued, 'note', v_round.note, 'reason', v_round.reason,
            'created_at', khop.time_text(v_round.created_at), 'created_by', khop.actor_name(v_round.created_by),
            'proposed_at', khop.time_text(v_round.proposed_at), 'proposed_by', khop.actor_name(v_round.proposed_by),
            'approved_at', khop.time_text(v_round.approved_at), 'approved_by', khop.actor_name(v_round.approved_by),
            'cancelled_at', khop.time_text(v_round.cancelled_at),
            'items', (select coalesce(jsonb_agg(jsonb_build_object('label', i.label, 'kind', i.kind, 'amount', i.amount, 'by_class', i.by_class,
                'own', jsonb_build_object('payers', i.own_payers, 'amount', i.own_amount, 'instead', i.own_instead)) order by i.place), '[]')
                        from khop.round_item i where i.bucket = p_bucket and i.round_id = p_round_id),
            'own', (select jsonb_build_object('payers', v_round.own_payers, 'amount', coalesce(sum(i.own_amount), 0), 'instead', coalesce(sum(i.own_instead), 0))
                      from khop.round_item i where i.bucket = p_bucket and i.round_id = p_round_id),
            'over_ceiling', khop.round_above(p_bucket, p_round_id),
            'support', (select coalesce(jsonb_agg(jsonb_build_object('label', s.label, 'payers', s.n, 'amount', s.amount) order by s.label), '[]')
                          from (select l.label, count(*) as n, sum(l.amount) as amount from khop.round_line l
                                 where l.bucket = p_bucket and l.round_id = p_round_id and l.policy is not null group by l.label) s),
            'classes', (select coalesce(jsonb_agg(jsonb_build_object('class', c.class, 'payers', c.payers, 'free', c.free, 'paid', c.paid, 'part',
                c.part, 'open', c.open,
                            'cancelled', c.cancelled, 'amount', coalesce(c.amount, 0), 'received', c.got) order by c.class collate khop.vn), '[]')
                                from by_class c),
            'sums', (select jsonb_build_object('payers', coalesce(sum(c.payers), 0), 'free', coalesce(sum(c.free), 0), 'paid', coalesce(sum(c.paid),
                0), 'part', coalesce(sum(c.part), 0),
                         'open', coalesce(sum(c.open), 0), 'cancelled', coalesce(sum(c.cancelled), 0), 'amount', coalesce(sum(c.amount), 0),
                             'received', coalesce(sum(c.got), 0)) from by_class c)
            )::text);
end $f$;
alter function khop.round_doc owner to khop_owner;
revoke all on function khop.round_doc from public;
grant execute on function khop.round_doc to khop_fn_org;
comment on function khop.round_doc is 'The document of a round';
