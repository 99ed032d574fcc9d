-- Money on a code of a payer: what the rules see, what they may do, and that nothing happens twice or out of turn. The choice itself is made in C
-- (tests/unit/pay/test_allocate.c); here it is given.
begin;
\ir lib/books.psql
select plan(36);
select t.payer('A', 501, 'H'), t.payer('A', 502, 'H'), t.payer('A', 503), t.payer('B', 601, 'H'),
       t.issue('A', 1001, 'B', 1, 1000, null, '2026-11-30'), t.issue('A', 1001, 'B', 2, 500, null, '2026-10-31'), t.issue('A', 1001, 'B', 3, 300), t.issue('A', 1001, 'B', 4, 800, null, '2026-10-15'),
       t.issue('A', 1001, 'B', 5, 70, '2026-11-10', '2026-09-30'), t.issue('A', 1001, 'K', 6, null), t.issue('B', 1003, 'B', 7, 100), t.issue('A', 1001, 'P', 8, 700), t.issue('A', 1001, 'B', 9, 60) \g /dev/null
select t.own('B', 1, 501), t.own('B', 2, 501), t.own('B', 3, 502), t.own('B', 4, 502), t.own('B', 5, 502), t.own('K', 6, 501), t.own('B', 7, 601), t.own('B', 9, 501) \g /dev/null
select c.rc from khop.code_cancel(t.token('A'), '2026-11-02', t.code('B', 9), 'mistake') c \g /dev/null

create function pg_temp.seen() returns text language sql as $$
    select string_agg(coalesce(format('%s:%s/%s', n.charge_no % 28629151, n.rest, n.charge_payer), '-'), ' ') from khop.allocate_next() n $$;
create function pg_temp.next() returns text language sql as $$
    select format('%s %s %s', x.ext_id, n.held, n.reason) from (select * from khop.allocate_next() limit 1) n join khop.exception x on x.exception_id = n.exception_id $$;
-- Applies to an exception what is given as codes and amounts; what was seen is what is there now, or p_rest of the first.
create function pg_temp.apply(ext text, codes int4[], amounts int8[], credit int8 default 0, p_rest int8 default null, back int4 default null) returns text language plpgsql as $$
declare
    v_rc int2; x khop.exception; v_held int8; v_payer int8; v_codes int4[]; v_rests int8[];
begin
    select * into x from khop.exception e where e.ext_id = ext;
    select array_agg(d.code_no order by d.code_no), array_agg(d.due - d.paid - d.adjusted order by d.code_no) into v_codes, v_rests
      from khop.charge_due d where d.code_no in (t.code('B', 1), t.code('B', 2), t.code('B', 3), t.code('B', 4));
    if p_rest is not null then
        v_rests[1] := p_rest;
    end if;
    select a.rc into v_rc from khop.allocate_apply('2026-11-22 10:00+07', 0, x.exception_id, 'household_sum', 1::int2, x.held, 501, v_codes, v_rests, true, 1, array[1, 1, 2], v_codes[1:3],
        array(select t.code('B', c) from unnest(codes) c), amounts, array(select substr(sha256(convert_to('r' || nextval('t.id'), 'UTF8')), 1, 16) from unnest(codes)),
        credit, t.code('P', back)) a;
    return v_rc;
end $$;

select is(pg_temp.next(), null, 'nothing to do');
select is(t.outcomes('2026-11-22 09:00+07', '[{"ext":"a","amount":1300,"codes":[["B",1]]},{"ext":"b","amount":700,"codes":[["K",6]]},{"ext":"c","amount":50,"codes":[["B",1]]},{"ext":"d","amount":700,"codes":[["P",8]],"dir":2},
    {"ext":"e","amount":700,"codes":[["P",8]]},{"ext":"f","amount":3,"codes":[["B",5]]},{"ext":"g","amount":3,"codes":[["B",9]]},{"ext":"h","amount":99,"account":1003,"codes":[["B",7]]}]'), '10 10 10 1 11 7 6 10',
    'over, a card, short, returned; expired and cancelled codes are not for a rule');
select is(pg_temp.next(), 'a 1300 several_charges', 'the oldest first');
select is(pg_temp.seen(), '4:800/502 2:500/501 1:1000/501 3:300/502', 'with the open charges of the household as they are due; without the expired and the cancelled');
select is(pg_temp.apply('b', '{2}', '{500}', 200), '-5', 'younger money waits for older');
select is(pg_temp.apply('a', '{1,3}', '{1000,300}', 0, 999), '-5', 'a charge is not any more what was seen');
select is(pg_temp.apply('a', '{1,3}', '{1000,301}'), '-5', 'more than a charge needs');
select is(pg_temp.next(), 'a 1300 several_charges', 'nothing has happened so far');
select is(pg_temp.apply('a', '{1,3}', '{1000,300}'), '0', 'two children with one transfer');
select is(pg_temp.apply('a', '{1,3}', '{1000,300}'), '-5', 'not twice');
select is((select format('%s %s %s', state, held, pending) from khop.exception where ext_id = 'a'), 'resolved 0 f', 'the exception is resolved');
select is((select array_agg(d.due - d.paid - d.adjusted order by d.code_no) from khop.charge_due d where d.code_no between t.code('B', 1) and t.code('B', 4)), '{0,500,0,800}', 'both are paid');
select is((select format('%s %s %s %s %s', m.action, m.rule, m.rule_version, m.actor, m.last_seq - m.first_seq + 1) from khop.match m), 'allocate household_sum 1  2', 'the decision is kept');
select is((select jsonb_array_length(m.evidence -> 'candidates') || ' ' || (m.evidence -> 'choices')::text = '4 ' || jsonb_build_array(jsonb_build_array(t.code('B', 1), t.code('B', 2)), jsonb_build_array(t.code('B', 3)))::text from khop.match m),
    true, 'with what it rests on');
select is(pg_temp.seen(), '4:800/502 2:500/501', 'then the card');
select is(pg_temp.apply('b', '{2}', '{500}', 200), '0', 'the payer''s own, and credit');
select is((select amount from khop.credit where payer_id = 501), 200::int8, 'which is kept');
select is(pg_temp.apply('c', '{}', '{}'), '0', 'none: a person decides');
select is((select format('%s %s %s', state, held, pending) from khop.exception where ext_id = 'c'), 'open 50 f', 'it waits, and no rule is asked again');
select is((select action from khop.match order by match_id desc limit 1), 'none', 'that too is a decision');
select is(pg_temp.next(), 'e 700 out_of_direction', 'what came back');
select is((select format('%s %s', n.paid, n.charge_no) from khop.allocate_next() n), '700 ', 'with what the payout was paid');
select is(pg_temp.apply('e', '{}', '{}', 0, null, 8), '0', 'reopens the payout');
select is((select format('%s %s %s', paid, adjusted, (select state from khop.exception where ext_id = 'e')) from khop.charge_due where code_no = t.code('P', 8)), '700 -700 resolved', 'it is open again');
select is(pg_temp.next(), 'h 99 several_charges', 'another organisation');
select is(pg_temp.seen(), '7:100/601', 'whose household is its own, whatever it is called');

-- Money that came in before its payout went out is not that payout coming back, whenever the rule looks.
update khop.exception set pending = false where ext_id = 'h' \g /dev/null
select t.issue('A', 1001, 'P', 10, 400) \g /dev/null
select is(t.outcomes('2026-11-22 10:30+07', '[{"ext":"i","amount":400,"codes":[["P",10]]},{"ext":"j","amount":400,"codes":[["P",10]],"dir":2}]'), '11 1', 'in, then out');
select is((select format('%s %s', n.reason, n.paid) from khop.allocate_next() n), 'out_of_direction 0', 'which is not a return');
update khop.exception set pending = false where ext_id = 'i' \g /dev/null

-- Credit is used by what is issued next.
select is(khop.credit_use(0, 100, '2026-11-23 08:00+07', array[501, 502, 503]), 0::int2, 'nothing of theirs is open');
select is((select amount from khop.credit where payer_id = 501), 200::int8, 'credit stays');
select t.issue('A', 1001, 'B', 11, 150, null, '2026-12-31'), t.issue('A', 1001, 'B', 12, 500, null, '2027-01-31'), t.own('B', 11, 501), t.own('B', 12, 501) \g /dev/null
select is(khop.credit_use(0, 100, '2026-11-23 08:00+07', array[501, 501, 502, 503]), 0::int2, 'two new charges');
select is((select array_agg(d.adjusted order by d.code_no) from khop.charge_due d where d.code_no in (t.code('B', 11), t.code('B', 12))), '{150,50}', 'the first is paid, the second in part');
select is((select amount from khop.credit where payer_id = 501), 0::int8, 'nothing is left');
select is((select format('%s %s %s', m.rule, m.evidence ->> 'credits', m.last_seq - m.first_seq + 1) from khop.match m where m.action = 'credit_use'), 'credit_oldest_first [{"payer": 501, "credit": 200}] 2', 'one decision');
select is(khop.credit_use(0, 100, '2026-11-23 08:00+07', array[501]), 0::int2, 'again: nothing to use');
select is_empty('select * from audit.invariants()', 'the books are right');
select * from finish();
rollback;
