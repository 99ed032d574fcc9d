-- What follows a bank event: every kind of row that khop.book writes, what it refuses, and that reversing puts everything back.
begin;
\ir lib/books.psql
select plan(62);
select t.payer('A', 501, 'N1'), t.payer('A', 502, 'N1'), t.payer('B', 601),
       t.issue('A', 1001, 'B', 1, 1000), t.issue('A', 1001, 'B', 2, 500), t.issue('A', 1001, 'B', 3, 300), t.issue('A', 1001, 'B', 4, 800), t.issue('A', 1001, 'B', 5, null),
       t.issue('A', 1001, 'P', 6, 700), t.issue('A', 1001, 'P', 7, 200), t.issue('B', 1003, 'B', 8, 100), t.issue('A', 1001, 'B', 9, 400), t.issue('A', 1001, 'P', 10, 90) \g /dev/null
select t.own('B', 1, 501), t.own('B', 2, 501), t.own('B', 3, 502) \g /dev/null
select c.rc from khop.code_cancel(t.token('A'), '2026-11-02', t.code('B', 9), 'mistake') c \g /dev/null

create function pg_temp.due(n int4, kind text default 'B') returns text language sql as
$$ select format('%s%s', d.paid, case when d.adjusted <> 0 then to_char(d.adjusted, 'SG999999FM') else '' end) from khop.charge_due d where d.code_no = t.code(kind, n) $$;
create function pg_temp.held(ext text) returns text language sql as
$$ select format('%s %s', x.held, x.state) from khop.exception x where x.ext_id = ext and x.seq is not null $$;
create function pg_temp.credit(payer int8) returns int8 language sql as $$ select c.amount from khop.credit c where c.payer_id = payer $$;
create function pg_temp.last() returns text language sql as
$$ select format('%s %s %s %s', t.kind, t.debit, t.credit, t.amount) from khop.transfer t where t.org_id = 100 order by t.seq desc limit 1 $$;
create function pg_temp.book(rows jsonb) returns text language sql as $$ select t.book('2026-11-22 10:00+07', rows) $$;
create function pg_temp.seq(back int4) returns int8 language sql as $$ select h.next_seq - back from khop.org_head h where h.org_id = 100 $$;

-- Settlement: money on a code of a payer pays it when it is exact, and waits for a rule when it is not.
select is(t.outcomes('2026-11-22 09:00+07', '[{"ext":"a","amount":1800,"codes":[["B",1]]}]'), '10', 'over, on a code of a payer: several_charges');
select is((select format('%s %s %s', x.reason, x.held, x.pending) from khop.exception x where x.ext_id = 'a'), 'several_charges 1800 t', 'held, and a rule has to try it');
select is(t.outcomes('2026-11-22 09:00+07', '[{"ext":"b","amount":200,"codes":[["B",2]]},{"ext":"c","amount":500,"codes":[["B",2]]},{"ext":"d","amount":500,"codes":[["B",2]]}]'), '10 1 10',
    'short, exact, doubled');
select is(t.outcomes('2026-11-22 09:00+07', '[{"ext":"e","amount":300,"codes":[["B",3,3]]},{"ext":"e2","amount":299,"codes":[["B",3,2]]}]'), '1 5', 'a repaired code only with its exact sum, also of a payer');
select is(t.outcomes('2026-11-22 09:00+07', '[{"ext":"f","amount":900,"codes":[["B",4]]}]'), '3', 'over, without a payer: as before');
select is(t.outcomes('2026-11-22 09:00+07', '[{"ext":"g","amount":700,"codes":[["P",6]],"dir":2},{"ext":"h","amount":700,"codes":[["P",6]]},{"ext":"i","amount":55,"dir":2}]'), '1 11 11',
    'paid out, come back, a fee of the bank');
select is((select array_agg(x.pending order by x.ext_id) from khop.exception x where x.ext_id in ('f', 'h', 'i')), '{f,t,f}', 'what came back waits for a rule as well');
select is(pg_temp.held('h'), '700 open', 'all of it is in suspense');
select is_empty('select * from audit.invariants()', 'the books are right so far');

-- 3: allocation.
select is(pg_temp.book('[{"kind":3,"of":"a","code":["B",1],"amount":1000},{"kind":4,"from":3388,"of":"a","payer":501,"amount":200},{"kind":3,"of":"a","code":["B",5],"amount":400}]'), '0',
    'one event split: a charge, credit, an open amount');
select is(pg_temp.due(1) || ', ' || pg_temp.due(5), '1000, 400', 'the charges are paid');
select is(pg_temp.held('a'), '200 open', 'the rest stays held');
select is(pg_temp.credit(501), 200::int8, 'the payer has credit');
select is((select array_agg(format('%s %s', r.amount, r.no) order by r.no) from khop.receipt r where r.code_no in (t.code('B', 1), t.code('B', 5))), '{"1000 5","400 6"}', 'receipts with the next numbers');
select is((select format('%s %s', x.paid_at, x.status) from (select distinct on (charge_id) receipt_paid_at as paid_at, status from khop.code_get(t.token('A'), '2026-11-22', null, t.code('B', 1))) x),
    '2026-11-22 01:59:00+00 paid', 'with the payer''s time, and the charge is paid');
select is(pg_temp.book('[{"kind":3,"of":"a","code":["B",1],"amount":1}]'), '-5', 'more than a charge needs');
select is(pg_temp.book('[{"kind":3,"of":"a","code":["B",5],"amount":201}]'), '-5', 'more than is held');
select is(pg_temp.book('[{"kind":3,"of":"a","code":["B",5],"amount":150},{"kind":3,"of":"a","code":["B",5],"amount":51}]'), '-5', 'also in parts');
select is(pg_temp.book('[{"kind":3,"of":"a","code":["B",9],"amount":10}]'), '-5', 'a cancelled charge');
select is(pg_temp.book('[{"kind":3,"of":"a","code":["P",7],"amount":10}]'), '-5', 'a payout, with money that came in');
select is(pg_temp.book('[{"kind":3,"of":"a","code":["B",8],"amount":10}]'), '-4', 'a charge of another organisation');
select is(pg_temp.book('[{"kind":3,"of":"c","code":["B",5],"amount":10}]'), '-5', 'an event that is not in suspense');
select is(pg_temp.book('[{"kind":3,"of":999,"code":["B",5],"amount":10}]'), '-4', 'an event that is not there');
select is(pg_temp.book('[{"kind":3,"of":"a","amount":10}]'), '-5', 'no charge at all');
select is(pg_temp.book('[{"kind":3,"of":"a","code":["B",5],"amount":0}]'), '-5', 'nothing');
select is(pg_temp.book('[{"kind":4,"from":3388,"of":"a","payer":601,"amount":10}]'), '-4', 'a payer of another organisation');
select is(pg_temp.book('[{"kind":4,"from":3388,"of":"i","payer":501,"amount":10}]'), '-5', 'credit from money that went out');
select is(pg_temp.book('[{"kind":2,"of":"a","amount":10}]'), '-5', 'an event is not for this function');
select is(pg_temp.book('[{"kind":3,"of":"a","code":["B",5],"amount":10},{"kind":3,"of":"a","code":["B",9],"amount":10}]'), '-5', 'all or nothing');
select is(pg_temp.due(5), '400', 'nothing was written');

-- 4 and 5: credit.
select is(pg_temp.book('[{"kind":4,"from":3388,"of":"a","payer":501,"amount":200}]'), '0', 'the rest becomes credit');
select is(pg_temp.held('a'), '0 resolved', 'the exception is resolved');
select is(pg_temp.book('[{"kind":4,"from":131,"code":["B",4],"payer":502,"amount":100}]'), '0', 'what a charge was paid too much, too');
select is(pg_temp.due(4) || ' ' || (select status from khop.code_get(t.token('A'), '2026-11-22', null, t.code('B', 4)) limit 1), '900-100 paid', 'it is not overpaid any more');
select is(pg_temp.book('[{"kind":5,"payer":501,"code":["B",9],"amount":100}]'), '-5', 'credit does not pay a cancelled charge');
select t.issue('A', 1001, 'B', 11, 350), t.own('B', 11, 501) \g /dev/null
select is(pg_temp.book('[{"kind":5,"payer":501,"code":["B",11],"amount":350}]'), '0', 'credit pays a charge');
select is(pg_temp.due(11) || ' ' || pg_temp.credit(501), '0+350 50', 'without a receipt');
select is((select format('%s %s', status, paid) from khop.code_get(t.token('A'), '2026-11-22', null, t.code('B', 11)) limit 1), 'paid 350', 'it is paid');
select is(t.outcomes('2026-11-22 10:30+07', '[{"ext":"j","amount":350,"codes":[["B",11]]},{"ext":"j2","amount":350,"codes":[["B",11,3]]}]'), '10 5', 'and settlement knows it');
select is(pg_temp.book('[{"kind":5,"payer":501,"code":["B",5],"amount":51}]'), '-5', 'not more than there is');
select is((select c.rc from khop.code_cancel(t.token('A'), '2026-11-22', t.code('B', 11), 'x') c), -5::int2, 'a charge paid by credit is not cancelled');

-- 6: refunds.
select is(pg_temp.book('[{"kind":6,"from":3387,"payer":501,"to":["P",10],"amount":50},{"kind":6,"from":131,"code":["B",5],"to":["P",10],"amount":40}]'), '0', 'a refund of credit and of a charge');
select is(pg_temp.due(5) || ' ' || pg_temp.credit(501), '400-40 0', 'is taken from both');
select is((select c.rc from khop.code_cancel(t.token('A'), '2026-11-22', t.code('P', 10), 'x') c), -5::int2, 'the code that pays it out is not cancelled by itself');
select is(t.outcomes('2026-11-22 11:00+07', '[{"ext":"k","amount":90,"codes":[["P",10]],"dir":2}]'), '1', 'the bank pays it out');
select is((select b.net from audit.balance b where b.org_id = 100 and b.account = 3318), 700::int8, 'and nothing is owed for it; what is left is the payout');
select is(pg_temp.book('[{"kind":6,"from":3388,"of":"d","to":["B",5],"amount":50}]'), '-4', 'a refund needs a payout code');

-- 8 and 9: returned, and what is nobody's.
select is(pg_temp.book('[{"kind":8,"of":"h","code":["P",6],"amount":700}]'), '0', 'money of a payout comes back');
select is(pg_temp.due(6, 'P') || ' ' || pg_temp.last() || ' ' || pg_temp.held('h'), '700-700 8 3388 3318 700 0 resolved', 'the payout is open again');
select is(t.outcomes('2026-11-22 11:30+07', '[{"ext":"l","amount":700,"codes":[["P",6]],"dir":2}]'), '1', 'and is paid again');
select is(pg_temp.book('[{"kind":9,"of":"i","amount":55}]') || ' ' || pg_temp.last(), '0 9 811 1388 55', 'a fee of the bank');
select is(pg_temp.book('[{"kind":9,"of":"b","amount":150},{"kind":3,"of":"b","code":["B",5],"amount":50}]'), '0', 'interest, and somebody''s fifty');

-- 7: reversal, and the receipt it makes void.
select is(pg_temp.book(format('[{"kind":7,"of":%s,"amount":50},{"kind":7,"of":%s,"amount":150}]', pg_temp.seq(1), pg_temp.seq(2))::jsonb), '0', 'both are taken back');
select is(pg_temp.held('b') || ' ' || pg_temp.due(5), '200 open 450-90', 'the money waits again');
select is((select array_agg(v.no) from khop.receipt_void v), array[(select max(no) from khop.receipt where org_id = 100)], 'the receipt is void');
select is(pg_temp.book(format('[{"kind":7,"of":%s,"amount":50}]', pg_temp.seq(3))::jsonb), '-5', 'not twice');
select is(pg_temp.book(format('[{"kind":7,"of":%s,"amount":50}]', pg_temp.seq(2))::jsonb), '-5', 'nor a reversal');
select is(pg_temp.book('[{"kind":7,"of":"e","amount":300}]') || ' ' || pg_temp.due(3) || ' ' || pg_temp.last(), '0 300-300 7 131 112101 300', 'an event that never was: the charge is open again');
select is(pg_temp.book('[{"kind":7,"of":"b","amount":200}]') || ' ' || pg_temp.held('b'), '0 0 resolved', 'one in suspense');
select is(t.outcomes('2026-11-22 12:00+07', '[{"ext":"m","amount":300,"codes":[["B",3]]}]'), '1', 'the charge is paid again');
select is_empty('select * from audit.invariants()', 'the books are right');
select is((select count(*) from khop.match)::int, (select count(distinct match_id) from khop.act)::int, 'every decision is there once');
select * from finish();
rollback;
