-- One exception of the token's organisation with what a person needs to decide: the bank event, the code's charge and payer, the household's open charges, payers
-- whose number or name stands in the memo (a suggestion, never more), what was done so far and what is proposed. rc -4: none of theirs.
create or replace function khop.exception_show(p_token bytea, p_now timestamptz, p_exception_id int8)
returns table (rc int2, exception_id int8, reason text, state text, direction int2, held int8, amount int8, account_id int8, charge_id int8,
    code_no int4, ext_id text, provider int2, memo text, opened_at timestamptz, seq int8, pending bool, reference text, paid_at timestamptz, booked_on date,
    payer_id int8, payer_name text, payer_class text, label text, due int8, paid int8, account_no text, may_undo bool, own_proposal bool, corrected bool,
    charges text, found text, history text, proposal text, about text)
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
#variable_conflict use_column
declare
    v_login record;
    x khop.exception;
    v_memo text;
    v_open date;
    v_charges jsonb;
    v_found jsonb;
    v_history jsonb;
    v_proposal jsonb;
    v_last record;
    v_payer int8;
    v_known int8[];
begin
    select l.* into v_login from khop.login(p_token, p_now, 1 | 4 | 16 | 128) l;
    if v_login.rc = 0 then
        select e.* into x from khop.exception e where e.bucket = v_login.bucket and e.exception_id = p_exception_id and e.org_id = v_login.org_id;
        v_login.rc := case when x.exception_id is null then -4 else 0 end;
    end if;
    if v_login.rc <> 0 then
        rc := v_login.rc;
        return next;
        return;
    end if;
    select c.payer_id into v_payer from khop.charge c where c.bucket = v_login.bucket and c.charge_id = x.charge_id;
    select h.open_day into v_open from khop.org_head h where h.bucket = v_login.bucket and h.org_id = v_login.org_id;
    if x.state = 'open' and x.direction = 1 and x.held > 0 then
        select jsonb_agg(jsonb_build_object('code_no', o.code_no, 'charge_id', o.charge_id, 'payer_id', o.payer_id, 'payer_name', p.name, 'payer_class', p.class,
                   'rest', o.rest, 'due_on', o.due_on, 'label', o.label) order by o.place) into v_charges
          from khop.charge_open(v_login.bucket, v_login.org_id, khop.household(v_login.bucket, v_login.org_id, v_payer), p_now, 100) o
          left join lateral (select p.* from khop.payer p where p.bucket = v_login.bucket and p.payer_id = o.payer_id limit 1) p on true;
        -- Names are only for suggestions: the payers of the organisation are read once, in their order, and a memo names few of them.
        v_memo := ' ' || khop.fold(x.memo) || ' ';
        v_known := khop.known_payers(v_login.bucket, v_login.org_id, p_exception_id);
        select jsonb_agg(jsonb_build_object('payer_id', f.payer_id, 'payer_name', f.name, 'payer_class', f.class, 'why', f.why, 'code_no', o.code_no,
                   'charge_id', o.charge_id, 'rest', o.rest, 'due_on', o.due_on, 'label', o.label) order by f.score desc, f.payer_id, o.place) into v_found
          from (select p.payer_id, p.name, p.class, w.why, w.score
                  from (select p.* from khop.payer p where p.bucket = v_login.bucket and p.org_id = v_login.org_id and p.left_at is null order by p.ref limit 20000) p
                  join lateral (select case when p.payer_id = any (v_known) then 'account'
                                            when length(p.ref) >= 3 and strpos(v_memo, ' ' || khop.fold(p.ref) || ' ') > 0 then 'ref'
                                            when strpos(v_memo, ' ' || khop.fold(p.name) || ' ') > 0 then 'name' end as why,
                                       case when p.payer_id = any (v_known) then 4
                                            when length(p.ref) >= 3 and strpos(v_memo, ' ' || khop.fold(p.ref) || ' ') > 0 then 3
                                            when p.class is not null and strpos(v_memo, ' ' || khop.fold(p.class) || ' ') > 0 then 2 else 1 end as score
                       offset 0) w on w.why is not null
                 order by w.score desc, p.payer_id limit 5) f
          left join lateral (select * from khop.charge_open(v_login.bucket, v_login.org_id, array[f.payer_id], p_now, 10)) o on true;
    end if;
    select jsonb_agg(jsonb_build_object('match_id', m.match_id, 'action', m.action, 'rule', m.rule,
               'at', khop.time_text(m.made_at),
               'actor', khop.actor_name(m.actor), 'requested_by', khop.actor_name(m.requested_by), 'reason', m.reason, 'what', m.evidence ->> 'what',
               'rows', coalesce(r.rows, '[]')) order by m.match_id) into v_history
      from khop.exception_matches(v_login.bucket, v_login.org_id, p_exception_id, x.seq) m
      left join lateral (
           select jsonb_agg(jsonb_build_object('kind', t.kind, 'amount', t.amount, 'code_no', coalesce(a.to_code, t.code_no),
                      'payer_name', p.name) order by t.seq) as rows
             from khop.transfer t
             left join lateral (select a.* from khop.act a where a.bucket = v_login.bucket and a.org_id = v_login.org_id and a.seq = t.seq limit 1) a on true
             left join lateral (select p.* from khop.payer p where p.bucket = v_login.bucket and p.payer_id = a.payer_id limit 1) p on true
            where t.bucket = v_login.bucket and t.org_id = v_login.org_id and t.seq between m.first_seq and m.last_seq) r on true;
    select m.action, m.action = 'take_back' or coalesce(m.evidence ->> 'what' = 'amount', false) as final, min(t.booked_on) as day,
           m.exception_id <> p_exception_id as others into v_last
      from (select m.* from khop.exception_matches(v_login.bucket, v_login.org_id, p_exception_id, x.seq) m
             where m.action not in ('none', 'propose', 'refuse') order by m.match_id desc limit 1) m
      left join lateral (
           select t.booked_on from khop.transfer t
            where t.bucket = v_login.bucket and t.org_id = v_login.org_id and t.seq between m.first_seq and m.last_seq) t on true
     group by m.action, m.evidence ->> 'what', m.exception_id;
    select jsonb_build_object('what', m.evidence ->> 'what', 'amount', m.evidence -> 'amount', 'reason', m.reason, 'requested_by', khop.actor_name(m.actor),
               'at', khop.time_text(m.made_at), 'bin', y.bin, 'account_no', y.account_no, 'name', y.name,
               'own', m.actor = v_login.token_id) into v_proposal
      from khop.match m
      left join lateral (
           select y.* from khop.party y where y.bucket = v_login.bucket and y.charge_id = (m.evidence ->> 'charge')::int8 and y.role = 2 limit 1) y on true
     where m.bucket = v_login.bucket and m.match_id = x.proposal;
    return query
    select 0::int2, x.exception_id, x.reason, x.state, x.direction, x.held, x.amount, x.account_id, x.charge_id, x.code_no, x.ext_id, x.provider, x.memo, x.opened_at,
           x.seq, x.pending, t.reference, t.paid_at, t.booked_on, p.payer_id, p.name, p.class, c.label, d.due, d.paid + d.adjusted, a.account_no,
           coalesce(x.state in ('open', 'resolved', 'dismissed') and v_last.action not in ('undo', 'reverse') and not v_last.final
               and coalesce(v_last.day >= v_open, true), false),
           coalesce((v_proposal ->> 'own')::bool, false), coalesce(v_last.action in ('correct', 'take_back') or v_last.others, false),
           coalesce(v_charges, '[]')::text, coalesce(v_found, '[]')::text, coalesce(v_history, '[]')::text, v_proposal::text,
           khop.exception_about(v_login.bucket, v_login.org_id, p_exception_id)::text
      from (select 1) one
      left join lateral (select t.* from khop.transfer t where t.bucket = v_login.bucket and t.org_id = v_login.org_id and t.seq = x.seq limit 1) t on true
      left join lateral (select c.* from khop.charge c where c.bucket = v_login.bucket and c.charge_id = x.charge_id limit 1) c on true
      left join lateral (select d.* from khop.charge_due d where d.bucket = v_login.bucket and d.code_no = x.code_no and d.org_id = v_login.org_id limit 1) d on true
      left join lateral (select p.* from khop.payer p where p.bucket = v_login.bucket and p.payer_id = v_payer limit 1) p on true
      left join lateral (select a.* from khop.account a where a.account_id = x.account_id limit 1) a on true;
end $f$;
alter function khop.exception_show owner to khop_fn_org;
revoke all on function khop.exception_show from public;
grant execute on function khop.exception_show to khop_serve;
comment on function khop.exception_show is 'One exception with what a person needs to decide';
