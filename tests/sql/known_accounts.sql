-- Accounts from which payers have paid: what teaches, what is tried by a rule, and what is left to a person.
begin;
\ir lib/books.psql
\ir lib/statements.psql
select plan(27);

create function t.hash(p text) returns bytea language sql immutable as $$ select substr(sha256(convert_to(p, 'UTF8')), 1, 16) $$;
-- Events (ext_id → account) as the jobs process has read them.
create function t.learn(at timestamptz, p_from jsonb, p_sure bool default true) returns void language sql as $$
    select khop.account_learn(0, 100, at, array_agg((select t.seq from khop.transfer t where t.org_id = 100 and t.ext_id = e.key)), array_agg(t.hash(e.value)), array_agg(p_sure)) from jsonb_each_text(p_from) e
$$;
create function t.pending(p_ext text) returns text language sql as $$ select x.pending::text from khop.exception x where x.ext_id = p_ext $$;
-- What the rule gets to see of the oldest money that waits for one.
create function t.seen() returns text language sql as $$
    select string_agg(concat_ws(' ', n.reason, n.held, n.payer_id, n.charge_no, n.rest), ', ') from khop.allocate_next() n
$$;
create function t.apply(at timestamptz, p_code int4, p_amount int8) returns int2 language sql as $$
    select a.rc from (select * from khop.allocate_next() limit 1) n,
        lateral khop.allocate_apply(at, n.bucket, n.exception_id, 'known_account', 1::int2, n.held, n.payer_id, array[p_code], array[p_amount], true, 1, array[1], array[p_code], array[p_code],
            array[p_amount], array[substr(sha256(convert_to('rid' || nextval('t.id'), 'UTF8')), 1, 16)], 0, null) a
$$;
create function t.leave(at timestamptz) returns int2 language sql as $$
    select a.rc from (select * from khop.allocate_next() limit 1) n,
        lateral khop.allocate_apply(at, n.bucket, n.exception_id, 'none', 1::int2, n.held, n.payer_id, '{}', '{}', true, 0, '{}', '{}', '{}', '{}', '{}', 0, null) a
$$;
select t.payer('A', 501, 'h1'), t.payer('A', 502, 'h1'), t.payer('A', 503) \g /dev/null
select t.issue('A', 1001, 'B', n, 1000 * n) from generate_series(1, 9) n \g /dev/null
select t.issue('A', 1002, 'B', 10, 7777) \g /dev/null
select t.own('B', 1, 501), t.own('B', 2, 501), t.own('B', 3, 502), t.own('B', 4, 503), t.own('B', 5, 503), t.own('B', 10, 501) \g /dev/null

-- --- what teaches ---
select t.outcomes('2026-11-20 09:00+07', '[{"ext":"a","amount":1000,"codes":[["B",1]]},{"ext":"b","amount":6000,"codes":[["B",6]]},{"ext":"c","amount":70},{"ext":"d","amount":4000,"codes":[["B",4]]}]') \g /dev/null
select t.learn('2026-11-20 09:01+07', '{"a":"VCB/001","b":"VCB/002","c":"VCB/003","d":"VCB/004"}') \g /dev/null
select is((select string_agg(k.payer_id::text, ' ' order by k.payer_id) from khop.known_account k), '501 503', 'payments of payers by their codes teach; codes of nobody and money without a code do not');
select is(khop.known_household(0, 100, t.hash('VCB/001')), array[501, 502]::int8[], 'what one of a household paid from, that household paid from');
select is(khop.known_household(0, 100, t.hash('VCB/002')), null, 'of another nobody has');
select is((select count(*) from khop.payer_account), 1::bigint, 'money without a code is kept with its account');
select is(t.pending('c'), 'false', 'which nobody has paid from');

-- --- what is tried ---
select t.outcomes('2026-11-20 10:00+07', '[{"ext":"e","amount":3000,"memo":"nop tien"},{"ext":"f","amount":2000,"memo":"nop tien"}]') \g /dev/null
select t.learn('2026-11-20 10:01+07', '{"e":"VCB/001"}'), t.learn('2026-11-20 10:01+07', '{"f":"VCB/001"}', false) \g /dev/null
select is(t.pending('e') || ' ' || t.pending('f'), 'true false', 'money from a known account; without its bank a number is not sure');
select is(t.seen(), format('no_code 3000 501 %s 2000, no_code 3000 501 %s 3000', t.code('B', 2), t.code('B', 3)), 'the rule sees the household''s open charges on that receiving account, no others') ;
select is(t.apply('2026-11-20 10:02+07', t.code('B', 3), 3000), 0::int2, 'the exact sum of one of them');
select is((select d.paid || ' ' || d.receipts from khop.charge_due d where d.code_no = t.code('B', 3)), '3000 1', 'is paid, with its receipt');
select is((select concat_ws(' ', m.rule, m.action, m.evidence ->> 'taught_by', m.evidence -> 'candidates') from khop.match m order by m.match_id desc limit 1),
    format('known_account allocate [1] [{"code": %s, "rest": 3000}]', t.code('B', 3)), 'the decision says what it rests on');
select is(t.broken(), null, 'the books are right');

-- --- undone: never again by the rule ---
select r.rc from khop.exception_undo(t.token('A'), '2026-11-20 10:03+07', (select x.exception_id from khop.exception x where x.ext_id = 'e'), 'không phải', t.hash('r')) r \g /dev/null
select t.learn('2026-11-20 10:04+07', '{"e":"VCB/001"}') \g /dev/null
select is(t.pending('e') || ' ' || (select x.state from khop.exception x where x.ext_id = 'e'), 'false open', 'what was undone is left to a person');
select is((select string_agg(f ->> 'payer_id' || ' ' || (f ->> 'why'), ', ' order by f ->> 'payer_id', f ->> 'code_no') from khop.exception_show(t.token('A'), '2026-11-20 10:05+07',
    (select x.exception_id from khop.exception x where x.ext_id = 'e')) s, jsonb_array_elements(s.found::jsonb) f where f ->> 'why' = 'account'), '501 account, 501 account', 'who is told who has paid from there');

-- --- doubts ---
select t.outcomes('2026-11-20 11:00+07', '[{"ext":"g","amount":2000,"memo":"nop cho Vang A 503"},{"ext":"h","amount":2000,"memo":"nop cho HS-502"}]') \g /dev/null
select t.learn('2026-11-20 11:01+07', '{"g":"VCB/001","h":"VCB/001"}') \g /dev/null
select is(t.pending('g') || ' ' || t.pending('h'), 'false true', 'a memo that names somebody else is a doubt, one of the household is not');
select is(t.leave('2026-11-20 11:02+07'), 0::int2, 'the rule may leave it');
select is((select x.state || ' ' || x.held || ' ' || x.pending from khop.exception x where x.ext_id = 'h'), 'open 2000 false', 'then a person decides');
select t.outcomes('2026-11-20 12:00+07', '[{"ext":"i","amount":5000,"codes":[["B",5]]}]') \g /dev/null
select t.learn('2026-11-20 12:01+07', '{"i":"VCB/001"}') \g /dev/null
select is(khop.known_household(0, 100, t.hash('VCB/001')), null, 'an account from which two households have paid says nothing');
select t.outcomes('2026-11-20 12:02+07', '[{"ext":"j","amount":2000}]') \g /dev/null
select t.learn('2026-11-20 12:03+07', '{"j":"VCB/001"}') \g /dev/null
select is(t.pending('j'), 'false', 'so nothing is tried');

-- knowledge that goes while the rule thinks
select t.outcomes('2026-11-20 13:00+07', '[{"ext":"k","amount":2000,"codes":[["B",2]]},{"ext":"l","amount":9000}]') \g /dev/null
select t.issue('A', 1001, 'C', 1, 9000), t.own('C', 1, 501) \g /dev/null
select t.learn('2026-11-20 13:01+07', '{"k":"MB/9"}'), t.learn('2026-11-20 13:01+07', '{"l":"MB/9"}') \g /dev/null
select is(t.pending('l') || ' ' || t.seen(), format('true no_code 9000 501 %s 3000, no_code 9000 501 %s 9000', t.code('B', 3), t.code('C', 1)), 'another account of the same payer');
savepoint reversed;
select b.rc from khop.book(0, 100, '2026-11-20 13:02+07', null, 'correct', 'person', 1::int2, null, 7, null, 'x', '{}', array[7::int2], array[null::int4], array[2000::int8],
    array[(select t.seq from khop.transfer t where t.ext_id = 'k')], array[null::int4], array[null::int8], array[null::int4], array[null::bytea]) b \g /dev/null
select is(khop.known_household(0, 100, t.hash('MB/9')), null, 'a payment that was reversed taught nothing');
select is((select a.rc from khop.allocate_apply('2026-11-20 13:03+07', 0, (select x.exception_id from khop.exception x where x.ext_id = 'l'), 'known_account', 1::int2, 9000, 501, array[t.code('C', 1)],
    array[9000::int8], true, 1, array[1], array[t.code('C', 1)], array[t.code('C', 1)], array[9000::int8], array[t.hash('r2')], 0, null) a), -5::int2, 'and what rests on it is not done');
rollback to reversed;
select is(t.apply('2026-11-20 13:04+07', t.code('C', 1), 9000), 0::int2, 'with it, it is');
select is(t.broken(), null, 'the books are right');

-- --- from a statement: the other side's account stands in the line ---
select t.outcomes('2026-11-21 08:30+07', '[{"ext":"s1","amount":7000,"codes":[["B",7]],"ref":"S1","paid_at":"2026-11-21 08:00+07"},{"ext":"s2","amount":8000,"ref":"S2","paid_at":"2026-11-21 08:01+07"}]') \g /dev/null
select t.own('B', 7, 503), t.own('B', 8, 503) \g /dev/null
select is(t.file(1001, '2026-11-22 10:00+07', '[["2026-11-21",7000,null,"x","S1",{"from":"ACB/77"}],["2026-11-21",8000,null,"y","S2",{"from":"ACB/77"}],["2026-11-21",12,null,"z","S3",{"from":"ACB/78"}]]'),
    '3/3 linked 2 healed 1 gaps 0 absent 0 conflicts 0', 'a file with accounts');
select is(t.pending('s2') || ' ' || (select count(*) from khop.known_account k where k.hash = t.hash('ACB/77')), 'true 1', 'teaches and is asked the same way');
select is((select string_agg(n.charge_no::text, ' ') from khop.allocate_next() n), t.code('B', 8)::text, 'with the payer''s open charge');
select is((select count(*) from khop.known_account k where k.org_id <> 100), 0::bigint, 'no other organisation learns from it');
select * from finish();
rollback;
