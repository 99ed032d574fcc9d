-- The accountant's desk: what may be done about an exception, by whom, how it is undone; refunds and write-offs with two people.
begin;
\ir lib/books.psql
select plan(64);
select t.payer('A', 501, 'H'), t.payer('A', 502, 'H'), t.payer('A', 503), t.payer('B', 601),
       t.issue('A', 1001, 'B', 1, 1000, null, '2026-11-30'), t.issue('A', 1001, 'B', 2, 500), t.issue('A', 1001, 'B', 3, 300), t.issue('A', 1001, 'B', 4, 300), t.issue('A', 1001, 'B', 5, 1000),
       t.issue('A', 1001, 'P', 6, 700), t.issue('B', 1003, 'B', 7, 100), t.issue('A', 1001, 'B', 8, 450) \g /dev/null
select t.own('B', 1, 501), t.own('B', 2, 501), t.own('B', 3, 502) \g /dev/null
-- A principal: a token that may approve; the test's own may everything, so that only the person differs.
insert into khop.api_token (token_id, token_hash, org_id, bucket, scopes, name, created_at, expires_at)
values (901, t.token('principal'), 100, 0, 17, 'Hiệu trưởng', '2026-11-01', '2036-01-01'), (902, t.token('accountant'), 100, 0, 7, 'Kế toán', '2026-11-01', '2036-01-01'),
       (903, t.token('both'), 100, 0, 31, 'Cả hai', '2026-11-01', '2036-01-01'), (904, t.token('reader'), 100, 0, 1, 'Xem', '2026-11-01', '2036-01-01');
select t.outcomes('2026-11-22 09:00+07', '[{"ext":"a","amount":1500,"memo":"NGUYEN VAN A nop tien"},{"ext":"b","amount":300,"codes":[["B",99]]},{"ext":"c","amount":1200,"codes":[["B",5]]},{"ext":"d","amount":77,"dir":2},{"ext":"e","amount":900},
    {"ext":"f","amount":400,"codes":[["B",8]]},{"ext":"g","amount":700,"codes":[["P",6]],"dir":2},{"ext":"h","amount":700,"dir":2},{"ext":"i","amount":60},{"ext":"j","amount":11},{"ext":"k","amount":320}]') \g /dev/null

create function pg_temp.id(ext text) returns int8 language sql as $$ select x.exception_id from khop.exception x where x.ext_id = ext and x.reason <> 'body_conflict' $$;
create function pg_temp.charges(n int4[], kind text) returns int8[] language sql as $$ select array_agg((select d.charge_id from khop.charge_due d where d.code_no = t.code(kind, c)) order by o) from unnest(n) with ordinality u (c, o) $$;
create function pg_temp.rids() returns bytea[] language sql as $$ select array_agg(substr(sha256(convert_to('x' || nextval('t.id'), 'UTF8')), 1, 16)) from generate_series(1, 8) $$;
-- Options: charges, amounts, kind, payer, credit, amount, reason, payee, as, at.
create function pg_temp.resolve(ext text, action text, o jsonb default '{}') returns text language sql as $$
    select concat_ws(' ', r.rc, r.why) from khop.exception_resolve(t.token(coalesce(o ->> 'as', 'accountant')), coalesce(o ->> 'at', '2026-11-22 10:00+07')::timestamptz, pg_temp.id(ext), action,
        pg_temp.charges(array(select c::int4 from jsonb_array_elements_text(o -> 'charges') c), coalesce(o ->> 'kind', 'B')), null, array(select c::int8 from jsonb_array_elements_text(o -> 'amounts') c), (o ->> 'payer')::int8,
        (o ->> 'credit')::int8, (o ->> 'amount')::int8, o ->> 'reason', nextval('t.id') * 7919, pg_temp.rids(), case when o ? 'payee' then '970415' end, o ->> 'payee', case when o ? 'payee' then 'Lò Văn Cha' end) r $$;
create function pg_temp.decide(ext text, who text, agree bool, code int4, at timestamptz default '2026-11-22 11:00+07') returns text language sql as $$
    select concat_ws(' ', r.rc, r.why) from khop.exception_decide(t.token(who), at, pg_temp.id(ext), agree, null, array[t.code('P', 6), t.code('P', code)], substr(sha256(convert_to('p' || code, 'UTF8')), 1, 16)) r $$;
create function pg_temp.undo(ext text, at timestamptz default '2026-11-22 12:00+07', who text default 'accountant') returns text language sql as $$
    select concat_ws(' ', r.rc, r.why) from khop.exception_undo(t.token(who), at, pg_temp.id(ext), 'nhầm', substr(sha256(convert_to('rid' || nextval('t.id'), 'UTF8')), 1, 16)) r $$;
create function pg_temp.now(ext text) returns text language sql as $$ select format('%s %s', x.held, x.state) from khop.exception x where x.exception_id = pg_temp.id(ext) $$;
create function pg_temp.paid(n int4, kind text default 'B') returns int8 language sql as $$ select d.paid + d.adjusted from khop.charge_due d where d.code_no = t.code(kind, n) $$;
create function pg_temp.last() returns text language sql as $$ select format('%s %s %s', m.action, m.rule, m.actor) from khop.match m order by m.match_id desc limit 1 $$;

-- Link and split.
select is(pg_temp.resolve('b', 'split', '{"charges":[4]}'), '0', 'link: one charge, as much as it needs');
select is(pg_temp.now('b') || ' ' || pg_temp.paid(4) || ' ' || pg_temp.last(), '0 resolved 300 link person 902', 'it is paid, and who did it is known');
select is(pg_temp.resolve('b', 'split', '{"charges":[4]}'), '-5 state', 'resolved is resolved');
select is(pg_temp.resolve('k', 'split', '{"charges":[3]}'), '0', 'more than it needs');
select is(pg_temp.paid(3) || ' ' || (select amount from khop.credit where payer_id = 502), '300 20', 'the rest is its payer''s credit');
select is(pg_temp.resolve('a', 'split', '{"charges":[8]}'), '-5 payer', 'a charge without a payer has nobody to give the rest to');
select is(pg_temp.resolve('a', 'split', '{"charges":[7]}'), '-4 charge', 'a charge of another organisation');
select is(pg_temp.resolve('a', 'split', '{"charges":[1,2],"amounts":[1000,600]}'), '-5 sum', 'more than a charge needs');
select is(pg_temp.resolve('a', 'split', '{"charges":[1,2],"amounts":[1000,400],"credit":101,"payer":501}'), '-5 sum', 'more than is held');
select is(pg_temp.resolve('a', 'split', '{"charges":[1],"amounts":[1000],"credit":10,"payer":601}'), '-4 payer', 'credit for a payer of another organisation');
select is(pg_temp.resolve('a', 'split', '{}'), '-5 sum', 'nothing');
select is(pg_temp.now('a'), '1500 open', 'nothing was done so far');
select is(pg_temp.resolve('a', 'split', '{"charges":[1,2],"amounts":[1000,300],"credit":50,"payer":503}'), '0', 'two charges and credit of a third payer');
select is(pg_temp.now('a'), '150 open', 'what is left waits');
select is(pg_temp.resolve('a', 'credit', '{"payer":503}'), '0', 'credit');
select is(pg_temp.now('a') || ' ' || (select amount from khop.credit where payer_id = 503), '0 resolved 200', 'takes the rest');

-- Undo.
select is(pg_temp.undo('a', who => 'reader'), '-7', 'who only reads does not undo');
select is(pg_temp.undo('a'), '0', 'the last thing is undone');
select is(pg_temp.now('a') || ' ' || (select amount from khop.credit where payer_id = 503), '150 open 50', 'the money waits again');
select is(pg_temp.undo('a'), '-5 state', 'an undo is not undone');
select is(pg_temp.resolve('a', 'credit', '{"payer":501,"amount":150}'), '0', 'done otherwise');
select is(khop.credit_use(0, 100, '2026-11-22 12:30+07', array[501]) || ' ' || pg_temp.paid(2), '0 450', 'and the credit is used');
select is(pg_temp.undo('a'), '-5 used', 'what rests on it is not taken away');
select is(pg_temp.undo('b') || ' ' || pg_temp.now('b') || ' ' || pg_temp.paid(4), '0 300 open 0', 'a link');
select is((select count(*)::int from khop.receipt_void), 1, 'its receipt is void');

-- Over and short: the charge has the money, the exception holds none.
select is(pg_temp.resolve('c', 'credit', '{"payer":503,"amount":300}'), '0', 'more than was too much may be moved as well');
select is(pg_temp.paid(5) || ' ' || pg_temp.now('c'), '900 0 resolved', 'the charge has it no more');
select is(pg_temp.undo('c') || ' ' || pg_temp.now('c') || ' ' || pg_temp.paid(5), '0 0 open 1200', 'undone');
select is(pg_temp.resolve('c', 'credit', '{"payer":503}') || ' ' || pg_temp.paid(5), '0 1000', 'what was too much');
select is(pg_temp.resolve('f', 'dismiss'), '-1 reason', 'to dismiss needs a reason');
select is(pg_temp.resolve('f', 'dismiss', '{"reason":"phụ huynh nộp nốt sau"}') || ' ' || pg_temp.now('f'), '0 0 dismissed', 'short: noted');
select is(pg_temp.undo('f') || ' ' || pg_temp.now('f'), '0 0 open', 'and looked at again');

-- Money out.
select is(pg_temp.resolve('h', 'split', '{"charges":[6],"kind":"P"}'), '-5 sum', 'a payout that was paid already');
select is(pg_temp.resolve('h', 'split', '{"charges":[5]}') || ' ' || pg_temp.paid(5) || ' ' || pg_temp.now('h'), '0 300 0 resolved', 'the bank took back what somebody had paid');
select is(pg_temp.undo('h') || ' ' || pg_temp.paid(5), '0 1000', 'undone');

-- Refunds: two people.
select is(pg_temp.resolve('e', 'refund', '{"amount":500}'), '-1 payee', 'to whom?');
select is(pg_temp.resolve('e', 'refund', '{"amount":901,"payee":"123"}'), '-5 sum', 'more than is held');
select is(pg_temp.resolve('e', 'refund', '{"amount":500,"payee":"123","as":"both"}') || ' ' || pg_temp.now('e'), '0 900 proposed', 'proposed');
select is(pg_temp.resolve('e', 'credit', '{"payer":501}'), '-5 state', 'nothing else is done meanwhile');
select is(pg_temp.decide('e', 'accountant', true, 21), '-7', 'an accountant does not approve');
select is(pg_temp.decide('e', 'both', true, 21), '-7 person', 'nobody approves his own');
select is(pg_temp.decide('e', 'principal', true, 21), '0', 'somebody else does');
select is((select format('%s %s %s', d.due, d.direction, d.paid) from khop.charge_due d where d.code_no = t.code('P', 21)), '500 2 0', 'a payout code, the first free one');
select is((select format('%s %s %s', y.name, y.account_no, y.bin) from khop.party y join khop.charge_due d using (bucket, charge_id) where d.code_no = t.code('P', 21)), 'Lò Văn Cha 123 970415', 'to the payee');
select is(pg_temp.now('e'), '400 open', 'the rest waits');
select is((select format('%s %s %s %s', m.action, m.actor, m.requested_by, m.previous is not null) from khop.match m order by m.match_id desc limit 1), 'refund 901 903 t', 'both are known');
select is(t.outcomes('2026-11-22 11:30+07', format('[{"ext":"p1","amount":500,"codes":[["P",21]],"dir":2}]')::jsonb), '1', 'the bank pays it');
select is(pg_temp.undo('e'), '-5 used', 'then it is not undone');
select is(pg_temp.resolve('i', 'refund', '{"payee":"9"}') || ' ' || pg_temp.decide('i', 'principal', false, 22) || ' ' || pg_temp.now('i'), '0 0 60 open', 'refused: it waits as before');
select is(pg_temp.resolve('i', 'refund', '{"payee":"9"}') || ' ' || pg_temp.decide('i', 'principal', true, 23) || ' ' || pg_temp.undo('i') || ' ' || pg_temp.now('i'), '0 0 0 60 open', 'undone before it is paid');
select is((select cancelled from khop.charge_due where code_no = t.code('P', 23)), true, 'its payout code is cancelled');
select throws_ok($$ insert into khop.match (bucket, match_id, org_id, action, rule, rule_version, made_at, actor, requested_by, evidence) values (0, 1, 100, 'refund', 'person', 1, '2026-11-22', 7, 7, '{}') $$, '23514', null,
    'the table itself wants two');

-- Nobody's: other income and expense, two people as well.
select is(pg_temp.resolve('d', 'dismiss', '{"reason":"phí ngân hàng"}') || ' ' || pg_temp.now('d'), '0 77 proposed', 'a fee of the bank');
select is(pg_temp.decide('d', 'principal', true, 24) || ' ' || pg_temp.now('d'), '0 0 resolved', 'is agreed to');
select is((select net from audit.balance where org_id = 100 and account = 811), 77::int8, 'and is an expense');

-- A refund that somebody asks for: of credit.
create temp table asked as select r.* from khop.refund_request(t.token('accountant'), '2026-11-22 13:00+07', 1001, 503, null, 250, 'chuyển trường', 424242, '970415', '77', 'Lò Thị Mẹ') r;
select is((select concat_ws(' ', rc, why) from asked), '0', 'asked for');
select is((select concat_ws(' ', r.rc, r.why) from khop.refund_request(t.token('accountant'), '2026-11-22 13:00+07', 1001, 503, null, 251, 'x', 424243, '970415', '77', 'Lò Thị Mẹ') r), '-5 sum', 'not more than there is');
select is((select r.rc from asked a, lateral khop.exception_decide(t.token('principal'), '2026-11-22 13:10+07', a.exception_id, true, null, array[t.code('P', 25)], substr(sha256('q'), 1, 16)) r), 0::int2, 'agreed');
select is((select format('%s %s %s', x.state, x.reason, (select amount from khop.credit where payer_id = 503)) from khop.exception x, asked a where x.exception_id = a.exception_id), 'resolved refund_requested 0', 'the credit is gone');
select is((select d.due from khop.charge_due d where d.code_no = t.code('P', 25)), 250::int8, 'and a payout code waits');

-- What a person is shown.
select is((select format('%s %s %s %s', s.state, s.held, s.may_undo, jsonb_array_length(s.history::jsonb)) from khop.exception_show(t.token('accountant'), '2026-11-22 14:00+07', pg_temp.id('e')) s), 'open 400 t 2', 'an exception with its history');
select is((select s.rc from khop.exception_show(t.token('B'), '2026-11-22 14:00+07', pg_temp.id('e')) s), -4::int2, 'not of another organisation');
update khop.exception set memo = 'CT tu 0123 LOP 2A vang a 502 nop tien' where exception_id = pg_temp.id('j');
select is((select s.found::jsonb -> 0 ->> 'payer_id' || ' ' || (s.found::jsonb -> 0 ->> 'why') from khop.exception_show(t.token('accountant'), '2026-11-22 14:00+07', pg_temp.id('j')) s), '502 name', 'a name in the memo');
select is_empty('select * from audit.invariants()', 'the books are right');
select * from finish();
rollback;
