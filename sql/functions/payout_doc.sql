-- The document of a payout list that the caller has found to be its own: sums by state, warnings by kind, what earlier lists left unpaid and
-- this one does not take over.
create or replace function khop.payout_doc(p_bucket int4, p_payout_id int8)
returns text
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_payout khop.payout;
begin
    select * into v_payout from khop.payout p where p.bucket = p_bucket and p.payout_id = p_payout_id;
    return (
        with line as materialized (select l.* from khop.payout_rows(p_bucket, p_payout_id, null, 0, 1000000) l)
        select jsonb_build_object('id', khop.id_text('lst', v_payout.payout_id), 'name', v_payout.name, 'month', to_char(v_payout.month, 'YYYY-MM'),
            'pay_by', v_payout.pay_by, 'account', khop.id_text('acc', v_payout.account_id), 'state', v_payout.state, 'lines', v_payout.lines,
            'amount', v_payout.amount, 'issued', v_payout.issued, 'note', v_payout.note, 'created_at', khop.time_text(v_payout.created_at),
            'created_by', khop.actor_name(v_payout.created_by), 'submitted_at', khop.time_text(v_payout.submitted_at),
            'submitted_by', khop.actor_name(v_payout.submitted_by), 'approved_at', khop.time_text(v_payout.approved_at),
            'approved_by', khop.actor_name(v_payout.approved_by),
            'carried', (select jsonb_build_object('lines', count(*), 'amount', coalesce(sum(l.amount), 0)) from line l where l.from_payout is not null),
            'sums', (select coalesce(jsonb_object_agg(s.state, jsonb_build_object('lines', s.n, 'amount', s.amount, 'paid', s.got)), '{}')
                       from (select l.state, count(*) as n, sum(l.amount) as amount, sum(l.got) as got from line l group by l.state) s),
            'warnings', (select coalesce(jsonb_object_agg(w.name, w.n), '{}')
                           from (select u.name, count(*) as n from line l, unnest(l.warnings) u (name) group by u.name) w),
            'left_out', (select jsonb_build_object('lines', count(*), 'amount', coalesce(sum(u.amount), 0))
                           from khop.payout_unpaid(p_bucket, v_payout.org_id, v_payout.month) u where v_payout.state in ('draft', 'submitted'))
            )::text);
end
$f$;
alter function khop.payout_doc owner to khop_fn_org;
revoke all on function khop.payout_doc from public;
comment on function khop.payout_doc is 'The document of a payout list';
