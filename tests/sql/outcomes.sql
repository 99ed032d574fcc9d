-- Every outcome of settle_batch, alone and inside one batch, and what is written with it.
begin;
\ir lib/books.psql
select plan(57);

-- The matching rule, one event at a time.
select t.issue('A', 1001, 'B', 1, 1000), t.issue('A', 1001, 'B', 2, 1000), t.issue('A', 1001, 'B', 3, 1000), t.issue('A', 1001, 'B', 4, null),
       t.issue('A', 1001, 'B', 5, 1000, '2026-11-10 00:00+07'), t.issue('A', 1002, 'B', 6, 1000), t.issue('B', 1003, 'B', 7, 1000),
       t.issue('A', 1001, 'P', 8, 5000), t.issue('A', 1001, 'B', 9, 1000), t.issue('A', 1001, 'B', 10, 700) \g /dev/null
select c.rc from khop.code_cancel(t.token('A'), '2026-11-02', t.code('B', 9), 'mistake') c \g /dev/null

create function pg_temp.one(event text) returns text language sql as
$$ select t.outcomes('2026-11-22 09:00+07', jsonb_build_array('{"amount":1000}'::jsonb || event::jsonb)) $$;
select is(pg_temp.one('{"ext":"a1","codes":[["B",1]]}'), '1', 'exact code, exact sum: settled');
select is(pg_temp.one('{"ext":"a2","codes":[["B",1]]}'), '4', 'the same charge again: already_paid');
select is(pg_temp.one('{"ext":"a3","codes":[["B",2]],"amount":400}'), '2', 'too little: short');
select is(pg_temp.one('{"ext":"a4","codes":[["B",2]],"amount":700}'), '3', 'too much for the rest: over');
select is(pg_temp.one('{"ext":"a5","codes":[["B",99]]}'), '5', 'no such code: unknown_code');
select is(pg_temp.one('{"ext":"a6","codes":[["B",9]]}'), '6', 'cancelled');
select is(pg_temp.one('{"ext":"a7","codes":[["B",5]]}'), '7', 'expired when it was paid');
select is(pg_temp.one('{"ext":"a8","codes":[["B",5]],"paid_at":"2026-11-09 23:00+07"}'), '1', 'paid before it expired, told later: settled');
select is(pg_temp.one('{"ext":"a9"}'), '8', 'no_code');
select is(pg_temp.one('{"ext":"a10","codes":[["B",6]]}'), '9', 'a code of another account of the organisation: wrong_account');
select is(pg_temp.one('{"ext":"a11","codes":[["B",7]]}'), '9', 'a code of another organisation: wrong_account');
select is(pg_temp.one('{"ext":"a12","codes":[["B",3],["B",10]]}'), '10', 'two exact codes: several_charges');
select is(pg_temp.one('{"ext":"a13","codes":[["B",3],["B",3]],"amount":1}'), '2', 'the same code twice is one charge');
select is(pg_temp.one('{"ext":"a14","codes":[["P",8]],"amount":5000}'), '11', 'money in with a payout code: out_of_direction');
select is(pg_temp.one('{"ext":"a15","codes":[["P",8]],"amount":5000,"dir":2}'), '1', 'money out with a payout code: settled');
select is(pg_temp.one('{"ext":"a16","codes":[["B",3]],"dir":2}'), '11', 'money out with a fee code: out_of_direction');
select is(pg_temp.one('{"ext":"a17","dir":2}'), '11', 'money out without a code: out_of_direction');
select is(pg_temp.one('{"ext":"a18","codes":[["B",4]],"amount":12}'), '1', 'open amount: settled');
select is(pg_temp.one('{"ext":"a19","codes":[["B",4,2]],"amount":13}'), '1', 'open amount, joined code: settled');
select is(pg_temp.one('{"ext":"a20","codes":[["B",4,3]],"amount":14}'), '5', 'open amount, repaired code: never');
select is(pg_temp.one('{"ext":"a21","codes":[["B",3,3]],"amount":998}'), '5', 'repaired code, other sum: unknown_code');
select is(pg_temp.one('{"ext":"a22","codes":[["B",3,3]],"amount":999}'), '1', 'repaired code, exactly the rest: settled');
select is(pg_temp.one('{"ext":"a23","codes":[["B",10,2],["B",3,1]],"amount":700}'), '4', 'an exact code wins over a joined one');
select is(pg_temp.one('{"ext":"a24","codes":[["B",6,1],["B",10,2]],"amount":700}'), '9', 'an exact code of another account too');
select is(pg_temp.one('{"ext":"a25","codes":[["B",98,1],["B",10,2]],"amount":700}'), '1', 'an exact code that is none does not count');
select t.issue('A', 1001, 'B', 21, 300), t.issue('A', 1001, 'B', 22, 300), t.issue('A', 1001, 'B', 23, 300) \g /dev/null
select is(pg_temp.one('{"ext":"a26","codes":[["B",21,3],["B",22,3]],"amount":300}'), '12', 'two repaired codes with that sum: ambiguous_code');
select is(pg_temp.one('{"ext":"a27","account":1003,"codes":[["B",21,3]],"amount":300}'), '5', 'a repaired code of another account: unknown_code');
select is(pg_temp.one('{"ext":"a28","codes":[["B",6,1],["B",23,1]],"amount":300}'), '1', 'one exact code here, one elsewhere: the one here');
select is(pg_temp.one('{"ext":"a1","account":1002,"codes":[["B",6]]}'), '1', 'the key is of an account: the same id on another one is another event');
select is(pg_temp.one('{"ext":"a1","provider":2,"amount":5}'), '8', 'and of a provider');
select is(t.outcomes('2026-11-22 09:00+07', '[{"ext":"x","amount":5,"account":1004}]'), '-', 'an account of another bucket: nothing');
select is((select count(*) from khop.transfer where ext_id = 'x')::int, 0, 'and nothing is stored');

-- Running sums inside one batch.
select t.issue('A', 1001, 'B', 31, 1000), t.issue('A', 1001, 'B', 32, 1000), t.issue('A', 1001, 'B', 33, null), t.issue('A', 1001, 'B', 34, 500, '2026-11-10'),
       t.issue('A', 1001, 'B', 35, 1000), t.issue('A', 1001, 'B', 36, 1000) \g /dev/null
select is(t.outcomes('2026-11-22 10:00+07', '[{"ext":"b1","amount":400,"codes":[["B",31]]},{"ext":"b2","amount":600,"codes":[["B",31]]},
    {"ext":"b3","amount":1,"codes":[["B",31]]},{"ext":"b4","amount":1000,"codes":[["B",31,3]]}]'), '2 1 4 5', 'short, settled, already paid, nothing left to repair');
select is(t.outcomes('2026-11-22 10:00+07', '[{"ext":"b5","amount":400,"codes":[["B",32]]},{"ext":"b6","amount":700,"codes":[["B",32]]},{"ext":"b7","amount":5,"codes":[["B",32]]}]'),
    '2 3 4', 'short, over, already paid');
select is(t.outcomes('2026-11-22 10:00+07', '[{"ext":"b8","amount":1,"codes":[["B",33]]},{"ext":"b9","amount":2,"codes":[["B",33,2]]},{"ext":"b10","amount":3,"codes":[["B",33]]}]'),
    '1 1 1', 'an open amount takes all');
select is(t.outcomes('2026-11-22 10:00+07', '[{"ext":"b11","amount":500,"codes":[["B",34]]},{"ext":"b12","amount":500,"codes":[["B",34]],"paid_at":"2026-11-09"},
    {"ext":"b13","amount":500,"codes":[["B",34]],"paid_at":"2026-11-09"}]'), '7 1 4', 'an expired payment does not count as paid');
select is(t.outcomes('2026-11-22 10:00+07', '[{"ext":"b14","amount":400,"codes":[["B",35]]},{"ext":"b15","amount":600,"codes":[["B",35,2],["B",36,2]]},
    {"ext":"b16","amount":600,"codes":[["B",35,3]]},{"ext":"b17","amount":9,"codes":[["B",35]]},{"ext":"b18","amount":1000,"codes":[["B",35,3],["B",36,3]]}]'),
    '2 1 5 4 1', 'a code without certainty takes what is left, the next one finds nothing');
select is(t.outcomes('2026-11-22 10:00+07', '[{"ext":"b19","amount":300,"codes":[["B",21,3],["B",22,3]]},{"ext":"b20","amount":300,"codes":[["B",21,3]]},
    {"ext":"b21","amount":300,"codes":[["B",21,3],["B",22,3]]}]'), '12 1 1', 'what was ambiguous becomes one when the other is taken');

-- Repeats and conflicts.
select is(t.outcomes('2026-11-22 11:00+07', '[{"ext":"b1","amount":400,"codes":[["B",31]]},{"ext":"c1","amount":7},{"ext":"c1","amount":7},{"ext":"c1","amount":8},
    {"ext":"b2","amount":601},{"ext":"a9","amount":1000}]'), '2r 8 8r 8rc 1rc 8r', 'repeats of stored events and inside the batch, conflicts of both');
select is((select count(*) from khop.exception where reason = 'body_conflict')::int, 2, 'a conflict opens an exception');
select is(t.outcomes('2026-11-22 11:01+07', '[{"ext":"c1","amount":8},{"ext":"c1","amount":8},{"ext":"c1","amount":9}]'), '8rc 8rc 8rc', 'conflicts again');
select is((select count(*) from khop.exception where reason = 'body_conflict')::int, 3, 'but once per content');
select is((select array_agg(s.charge_id = t.code('B', 31) and s.seq = r.seq and r.code_no = t.code('B', 31)) from t.settle('2026-11-22 11:02+07', '[{"ext":"b1","amount":400}]') s
    join khop.receipt r on r.year = s.receipt_year and r.no = s.receipt_no and r.org_id = 100), array[true], 'a repeat is answered with its receipt');

-- What is written.
select is((select format('%s %s %s', debit, credit, kind) from khop.transfer e where e.ext_id = 'b1'),
    '112101 131 1', 'money in that pays: bank, receivable');
select is((select format('%s %s %s', debit, credit, kind) from khop.transfer e where e.ext_id = 'a15'),
    '3318 112101 1', 'money out that pays: payable, bank');
select is((select format('%s %s %s', debit, credit, kind) from khop.transfer e where e.ext_id = 'a17'),
    '1388 112101 2', 'money out that nobody knows: suspense out, bank');
select is((select format('%s %s %s', debit, credit, kind) from khop.transfer e where e.ext_id = 'a27'),
    '112101 3388 2', 'money in that nobody knows: bank, suspense in; in the books of the account that got it');
select is((select e.org_id from khop.transfer e where e.ext_id = 'a27'), 200::int8, 'the organisation comes from the account');
select is((select array_agg(distinct x.reason || ' ' || x.held order by x.reason || ' ' || x.held) from khop.exception x where x.ext_id in ('a3', 'a4', 'a2', 'a6', 'a9')),
    array['already_paid 1000', 'cancelled_charge 1000', 'no_code 1000', 'over 0', 'short 0'], 'exceptions have the outcome''s reason and hold what is in suspense');
select is((select array_agg(x.exception_id = e.event_id and x.notice_id = coalesce(e.notice_id, e.event_id)) from khop.exception x join khop.transfer e using (bucket, org_id, seq) where e.ext_id = 'a3'),
    array[true], 'an exception has its event''s number');
select is((select count(*) from khop.notice)::int, (select count(distinct notice_id) from (select coalesce(notice_id, event_id) as notice_id from khop.transfer union select notice_id from khop.exception) n)::int,
    'raw notices are kept when they brought something, and only then');
select is(t.outcomes('2026-11-22 12:00+07', '[{"ext":"d1","amount":1,"note":"n"},{"ext":"d2","amount":2,"note":"n"},{"ext":"b1","amount":400,"note":"n"}]'), '8 8 2r',
    'one notice with several events');
select is((select count(distinct coalesce(notice_id, event_id))::int from khop.transfer where ext_id in ('d1', 'd2')), 1, 'is kept once');
select is((select count(*) from t.settle('2026-11-22 12:00+07', '[]'))::int, 0, 'an empty batch');
select is((select status from khop.code_get(t.token('A'), '2026-11-22', null, t.code('B', 2)) limit 1), 'overpaid', 'state: overpaid');
select is((select array_agg(receipt_amount order by receipt_no) from khop.code_get(t.token('A'), '2026-11-22', t.code('B', 2), null)), array[400, 700]::int8[], 'a row per receipt');
select is_empty('select * from audit.invariants()', 'the books are right');
select * from finish();
rollback;
