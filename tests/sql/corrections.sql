-- What is done when the bank says otherwise: events that no statement has, that came twice, with another amount, and payments that the bank took back.
begin;
\ir lib/books.psql
\ir lib/statements.psql
select plan(93);

create function t.exc(p_reason text, p_ext text default null) returns int8 language sql as $$
    select x.exception_id from khop.exception x where x.reason = p_reason and (p_ext is null or x.ext_id = p_ext) order by x.exception_id desc limit 1
$$;
create function t.rid() returns bytea language sql volatile as $$ select substr(sha256(convert_to('rid' || nextval('t.id'), 'UTF8')), 1, 16) $$;
create function t.correct(at timestamptz, p_exc int8, who text default 'A', p_reason text default null) returns text language sql as
$$ select concat_ws(' ', r.rc, r.why) from khop.exception_correct(t.token(who), at, p_exc, p_reason, t.rid()) r $$;
create function t.undo(at timestamptz, p_exc int8, who text default 'A') returns text language sql as
$$ select concat_ws(' ', r.rc, r.why) from khop.exception_undo(t.token(who), at, p_exc, 'nhầm', t.rid()) r $$;
create function t.decide(at timestamptz, p_exc int8, who text, yes bool) returns text language sql as
$$ select concat_ws(' ', r.rc, r.why) from khop.exception_decide(t.token(who), at, p_exc, yes, null, '{}', t.rid()) r $$;
create function t.charge(n int4) returns text language sql as
$$ select concat_ws(' ', d.paid + d.adjusted, d.receipts) from khop.charge_due d where d.code_no = t.code('B', n) $$;
create function t.state(p_exc int8) returns text language sql as $$ select x.state from khop.exception x where x.exception_id = p_exc $$;
create function t.what(p_exc int8) returns text language sql as $$
    select concat_ws(' ', a ->> 'what', a ->> 'alone', a -> 'event' ->> 'amount', a -> 'line' ->> 'amount', a -> 'other' ->> 'amount')
      from khop.exception_about((p_exc >> 48)::int4, 100, p_exc) a
$$;
create function t.days(p_day date) returns text language sql as $$
    select concat_ws(' ', d.doc::jsonb -> 'books' ->> 'in', d.doc::jsonb -> 'books' ->> 'out', d.doc::jsonb -> 'bank' ->> 'in', d.doc::jsonb -> 'bank' ->> 'out', d.doc::jsonb ->> 'agrees')
      from khop.reconciliation(t.token('A'), '2026-12-31', 1001, p_day, null, 0, 100) d
$$;
select khop.token_create('2026-11-01 08:00+07', 900 + n, 100, t.token(name), scopes, 'test', '2036-01-01')
  from (values (1, 'principal', 17), (2, 'reader', 1), (3, 'both', 21)) x (n, name, scopes) \g /dev/null
select t.issue('A', 1001, 'B', n, 1000) from generate_series(1, 20) n \g /dev/null
select t.issue('A', 1001, 'B', 21, 9000000) \g /dev/null

-- --- in no statement ---
select t.outcomes('2026-11-20 09:00+07', '[{"ext":"real","amount":1000,"codes":[["B",1]],"ref":"FT1","paid_at":"2026-11-20 08:00+07"},
    {"ext":"forged","amount":1000,"codes":[["B",2]],"ref":"FT2","paid_at":"2026-11-20 08:10+07"},
    {"ext":"nobody","amount":70,"ref":"FT3","paid_at":"2026-11-20 08:20+07"},
    {"ext":"large","amount":9000000,"codes":[["B",21]],"ref":"FT4","paid_at":"2026-11-20 08:30+07"}]') \g /dev/null
select is(t.file(1001, '2026-11-21 10:00+07', '[["2026-11-20",1000,6000,"x","FT1"]]', p_opening => 5000, p_closing => 6000), '1/1 linked 1 healed 0 gaps 0 absent 3 conflicts 0', 'three notices are in no file');
select is(t.what(t.exc('not_on_statement', 'forged')), 'absent true 1000', 'what would be corrected is said');
select is(t.what(t.exc('not_on_statement', 'large')), 'absent false 9000000', 'and that a large sum takes two');
select is(t.correct('2026-11-21 11:00+07', t.exc('not_on_statement', 'forged'), 'reader'), '-7', 'who reads may not');
select is(t.correct('2026-11-21 11:00+07', t.exc('not_on_statement', 'forged'), 'B'), '-4', 'nor another organisation');
select is(t.charge(2), '1000 1', 'the charge is paid');
select is(t.correct('2026-11-21 11:00+07', t.exc('not_on_statement', 'forged')), '0', 'reversed');
select is(t.charge(2), '0 1', 'the charge is open again');
select is((select v.reason from khop.receipt_void v), 'Sao kê của ngân hàng không có khoản này', 'its receipt is void, and says why');
select is(t.state(t.exc('not_on_statement', 'forged')), 'resolved', 'done');
select is(t.correct('2026-11-21 11:01+07', t.exc('not_on_statement', 'forged')), '-5 state', 'once');
select is(t.correct('2026-11-21 11:02+07', t.exc('not_on_statement', 'nobody')), '0', 'money that waited is gone from suspense');
select is((select x.state || ' ' || x.held from khop.exception x where x.reason = 'no_code' and x.ext_id = 'nobody'), 'resolved 0', 'with what held it');
select is(t.states(1001, '2026-11-20'), 'not_on_statement 1 9000000 0, matched 1 1000 0, corrected 2 1070 0', 'the day says so');
select is(t.broken(), null, 'the books are right');
select is(t.outcomes('2026-11-21 11:03+07', '[{"ext":"forged","amount":1000,"codes":[["B",2]],"ref":"FT2","paid_at":"2026-11-20 08:10+07"}]'), '1r', 'its notice again changes nothing');

-- two people
select is(t.correct('2026-11-21 11:05+07', t.exc('not_on_statement', 'large'), 'both'), '0 asked', 'a large sum is asked for');
select is(t.state(t.exc('not_on_statement', 'large')), 'proposed', 'and waits');
select is(t.charge(21), '9000000 1', 'nothing is reversed yet');
select is(t.decide('2026-11-21 11:06+07', t.exc('not_on_statement', 'large'), 'both', true), '-7 person', 'not by the same person');
select is(t.decide('2026-11-21 11:06+07', t.exc('not_on_statement', 'large'), 'principal', false), '0', 'the second person may refuse');
select is(t.state(t.exc('not_on_statement', 'large')), 'open', 'then it is open again');
select is(t.correct('2026-11-21 11:07+07', t.exc('not_on_statement', 'large')), '0 asked', 'asked again');
select is(t.decide('2026-11-21 11:08+07', t.exc('not_on_statement', 'large'), 'principal', true), '0', 'agreed');
select is(t.charge(21), '0 1', 'reversed');
select is(t.days('2026-11-20'), '1000 0 1000 0 true', 'books and bank agree about the day: what is reversed neither came nor went');

-- undo: until the day is closed
select is(t.undo('2026-11-21 11:10+07', t.exc('not_on_statement', 'forged')), '0', 'taken back: the money is entered again');
select is(t.charge(2), '1000 2', 'the charge is paid, with a new receipt');
select is(t.state(t.exc('not_on_statement', 'forged')), 'open', 'it is a question again');
select is(t.states(1001, '2026-11-20'), 'not_on_statement 1 1000 0, matched 1 1000 0, corrected 3 9001070 0', 'about the new event');
select is(t.correct('2026-11-21 11:11+07', t.exc('not_on_statement', 'forged')), '0', 'and may be corrected again');
select is(t.undo('2026-11-21 11:12+07', t.exc('not_on_statement', 'forged')), '0', 'and again');
select is(t.charge(2), '1000 3', 'with its receipt');
select is(t.broken(), null, 'the books are right');
select is(t.file(1001, '2026-11-22 10:00+07', '[["2026-11-20",1000,6000,"x","FT1"],["2026-11-20",1000,7000,"y","FT2"]]'), '1/2 linked 1 healed 0 gaps 0 absent 0 conflicts 0', 'its line comes after all');
select is(t.state(t.exc('not_on_statement', 'forged')), 'self_resolved', 'the question answers itself');
select is(t.file(1001, '2026-11-22 10:01+07', '[["2026-11-20",70,7070,"z","FT3"]]'), '1/1 linked 0 healed 1 gaps 0 absent 0 conflicts 0', 'a line whose event was reversed is settled anew');
select is(t.broken(), null, 'the books are right');

-- what rests on it
select t.payer('A', 501) \g /dev/null
select t.own('B', n, 501) from generate_series(3, 4) n \g /dev/null
select t.outcomes('2026-11-22 12:00+07', '[{"ext":"rest","amount":1300,"codes":[["B",3]],"paid_at":"2026-11-22 08:00+07"}]') \g /dev/null
select is(t.book('2026-11-22 12:01+07', '[{"kind":3,"amount":1000,"of":"rest","code":["B",3]},{"kind":4,"from":3388,"amount":300,"of":"rest","payer":501}]', 'allocate', null,
    (select t.event_id from khop.transfer t where t.ext_id = 'rest')), '0', 'a payment, a rule has placed it');
select is(t.book('2026-11-22 12:02+07', '[{"kind":5,"amount":300,"code":["B",4],"payer":501}]', 'credit_use', null), '0', 'what was left has been used');
select is(t.file(1001, '2026-11-23 10:00+07', '[["2026-11-22",5,7075,"w"]]'), '1/1 linked 0 healed 1 gaps 0 absent 1 conflicts 0', 'it is in no file');
select is(t.correct('2026-11-23 11:00+07', t.exc('not_on_statement', 'rest')), '-5 used', 'credit that has been used stands in the way');
select is(t.book('2026-11-23 11:01+07', format('[{"kind":7,"amount":300,"of":%s}]', (select max(seq) from khop.transfer where org_id = 100 and kind = 5))::jsonb, 'undo'), '0', 'it is given back');
select is(t.correct('2026-11-23 11:02+07', t.exc('not_on_statement', 'rest')), '0', 'now everything is reversed, what the rule did too');
select is(t.charge(3) || ', ' || (select c.amount from khop.credit c where c.payer_id = 501), '0 1, 0', 'charge and credit are as before');
select is(t.broken(), null, 'the books are right');

-- --- the same movement under two ids ---
select t.outcomes('2026-11-24 09:00+07', '[{"ext":"one","amount":1000,"codes":[["B",5]],"ref":"FT9","balance":9000,"paid_at":"2026-11-24 08:00+07"},
    {"ext":"two","amount":1000,"codes":[["B",5]],"ref":"FT9","balance":9000,"paid_at":"2026-11-24 08:00+07"}]') \g /dev/null
select is(t.file(1001, '2026-11-25 10:00+07', '[["2026-11-24",1000,9000,"v","FT9",{"unique":true}]]', 'agribank'), '1/1 linked 1 healed 0 gaps 1 absent 0 conflicts 0', 'one line for two notices');
select is(t.what(t.exc('duplicate_notice')), 'duplicate true 1000 1000 1000', 'the second one is said to be a duplicate, and of what');
select is(t.states(1001, '2026-11-24'), 'duplicate_notice 1 1000 0, matched 1 1000 0', 'not an event that no statement has');
select is(t.correct('2026-11-25 11:00+07', t.exc('duplicate_notice')), '0', 'its booking is reversed');
select is(t.charge(5) || ' ' || (select sum(x.held) from khop.exception x where x.ext_id = 'two'), '1000 1 0', 'the charge stays paid by the first, nothing waits');
select is(t.broken(), null, 'the books are right');

-- --- another amount ---
select t.outcomes('2026-11-26 09:00+07', '[{"ext":"wrong","amount":1000,"codes":[["B",6]],"ref":"FT11","paid_at":"2026-11-26 08:00+07"}]') \g /dev/null
select is(t.file(1001, '2026-11-27 10:00+07', '[["2026-11-26",900,9900,"k","FT11",{"unique":true}]]', 'agribank'), '1/1 linked 1 healed 0 gaps 1 absent 0 conflicts 1', 'the bank says another amount');
select is(t.what(t.exc('amount_conflict')), 'amount true 1000 900', 'both are said');
select is(t.correct('2026-11-27 11:00+07', t.exc('amount_conflict')), '0', 'the statement wins');
select is(t.charge(6) || ', ' || t.states(1001, '2026-11-26') || ', ' || t.days('2026-11-26'), '900 2, matched_by_statement 1 900 0, corrected 1 1000 0, 900 0 900 0 true', 'paid with what the bank has, by the code of the notice');
select is(t.undo('2026-11-27 11:01+07', t.exc('amount_conflict')), '-5 final', 'which is not undone');
select is(t.outcomes('2026-11-27 11:02+07', '[{"ext":"righted","amount":900,"codes":[["B",6]],"ref":"FT11","paid_at":"2026-11-26 08:00+07"}]'), '2r', 'a notice that is right, late, is that line''s');
select is(t.broken(), null, 'the books are right');

-- --- taken back by the bank ---
select t.outcomes('2026-11-28 09:00+07', '[{"ext":"p1","amount":1000,"codes":[["B",7]],"ref":"FT20","paid_at":"2026-11-28 08:00+07"},
    {"ext":"p2","amount":1000,"codes":[["B",8]],"ref":"FT21","paid_at":"2026-11-28 08:01+07"},{"ext":"back","amount":1000,"dir":2,"ref":"FT20","memo":"thu hoi FT20","paid_at":"2026-11-28 08:30+07"}]') \g /dev/null
select is(t.what(t.exc('out_of_direction', 'back')), 'taken_back true 1000 1000', 'the payment that it was is found');
select is(t.correct('2026-11-28 10:00+07', t.exc('out_of_direction', 'back')), '0', 'taken back');
select is(t.charge(7) || ' ' || t.charge(8) || ' ' || t.state(t.exc('out_of_direction', 'back')), '0 1 1000 1 resolved', 'its charge is open again, the other is not');
select is((select count(*) from khop.receipt_void v where v.reason = 'Ngân hàng đã thu hồi khoản này') || ' ' || t.undo('2026-11-28 10:01+07', t.exc('out_of_direction', 'back')), '1 -5 final', 'its receipt is void; the bank''s word is not undone');
select t.outcomes('2026-11-28 11:00+07', '[{"ext":"back2","amount":1000,"dir":2,"ref":"FT20","paid_at":"2026-11-28 08:31+07"}]') \g /dev/null
select is(t.what(t.exc('out_of_direction', 'back2')), '', 'nothing is taken back twice');
select is(t.days('2026-11-28'), '2000 2000', 'money came and went');
select is(t.broken(), null, 'the books are right');

-- --- money in suspense that the bank takes back, or gives back ---
create function t.held(p_ext text) returns int8 language sql as $$ select x.exception_id from khop.exception x where x.ext_id = p_ext and x.seq is not null $$;
select t.outcomes('2026-11-28 12:00+07', '[{"ext":"in1","amount":70,"ref":"FT000040","memo":"ung ho","paid_at":"2026-11-28 09:00+07"},{"ext":"in2","amount":70,"ref":"FT000041","memo":"ung ho","paid_at":"2026-11-28 09:01+07"},
    {"ext":"out0","amount":70,"dir":2,"ref":"FT000042","memo":"tra tien","paid_at":"2026-11-28 09:02+07"},{"ext":"out1","amount":70,"dir":2,"ref":"FT000043","memo":"Hoan tra GD FT000040","paid_at":"2026-11-28 09:03+07"}]') \g /dev/null
select is(t.what(t.held('out0')), '', 'the sum alone proves nothing');
select is(t.what(t.held('out1')) || ', ' || t.what(t.held('in1')), 'set_off true 70 70, set_off true 70 70', 'the memo names the reference: said on both sides');
select is(t.correct('2026-11-28 12:01+07', t.held('out1'), 'B') || ' ' || t.correct('2026-11-28 12:01+07', t.held('out1'), 'reader'), '-4 -7', 'not by others');
select is(t.correct('2026-11-28 12:01+07', t.held('out1')), '0', 'set off');
select is((select string_agg(x.ext_id || ' ' || x.state || ' ' || x.held, ', ' order by x.ext_id) from khop.exception x where x.ext_id in ('in1', 'in2', 'out0', 'out1')),
    'in1 resolved 0, in2 open 70, out0 open 70, out1 resolved 0', 'neither waits any more, the others do');
select is((select concat_ws(' ', y.kind, y.debit, y.credit, y.amount) from khop.transfer y order by y.seq desc limit 1), '10 3388 1388 70', 'from suspense to suspense');
select is((select string_agg(r.state || ' ' || r.amount, ', ' order by r.seq) from khop.recon_items(0, 100, 1001, '2026-11-28') r
    where r.reference in ('FT000040', 'FT000043')), 'awaiting_statement 70, awaiting_statement 70', 'the bank has both');
select is(t.broken(), null, 'the books are right');
select is((select concat_ws(' ', s.may_undo, s.corrected, s.history::jsonb -> -1 ->> 'action', s.history::jsonb -> -1 -> 'rows' -> 0 ->> 'amount')
    from khop.exception_show(t.token('A'), '2026-11-28 12:02+07', t.held('in1')) s), 't t offset 70', 'the other one tells of it');
select is(t.undo('2026-11-28 12:03+07', t.held('in1')), '0', 'and may be what it is undone by');
select is((select string_agg(x.ext_id || ' ' || x.state || ' ' || x.held, ', ' order by x.ext_id) from khop.exception x where x.ext_id in ('in1', 'out1')), 'in1 open 70, out1 open 70', 'both wait again');
select is(t.undo('2026-11-28 12:04+07', t.held('out1')) || ', ' || t.undo('2026-11-28 12:04+07', t.held('in1')), '-5 state, -5 state', 'once');
select is(t.broken(), null, 'the books are right');
select is(t.correct('2026-11-28 12:05+07', t.held('in1')), '0', 'and is set off again, from the other side');
select is(t.undo('2026-11-28 12:06+07', t.held('out1')) || ', ' || t.correct('2026-11-28 12:07+07', t.held('out1')), '0, 0', 'as often as it takes');
select is(t.broken(), null, 'the books are right');
select t.outcomes('2026-11-28 13:00+07', '[{"ext":"in3","amount":9000000,"ref":"FT000044","memo":"x","paid_at":"2026-11-28 10:00+07"},{"ext":"out3","amount":9000000,"dir":2,"ref":"FT000044","memo":"y","paid_at":"2026-11-28 10:01+07"}]') \g /dev/null
select is(t.what(t.held('out3')) || ' ' || t.correct('2026-11-28 13:01+07', t.held('out3'), 'both'), 'set_off false 9000000 9000000 0 asked', 'a large sum takes two');
select is(t.decide('2026-11-28 13:02+07', t.held('out3'), 'both', true), '-7 person', 'two');
select is(t.decide('2026-11-28 13:02+07', t.held('out3'), 'principal', true) || ' ' || t.state(t.held('in3')), '0 resolved', 'agreed');
select is(t.broken(), null, 'the books are right');
select is(t.book('2026-11-28 13:03+07', '[{"kind":10,"amount":70,"of":"out0"}]', 'offset'), '-5', 'nothing is set off against nothing');
savepoint whole;
update khop.act a set other_seq = (select y.seq from khop.transfer y where y.ext_id = 'in2') where a.other_seq = (select y.seq from khop.transfer y where y.ext_id = 'in3');
select matches(t.broken(), '^act: .* it does not set off two movements in suspense.*; event_exception:', 'another event put in its place is found');
rollback to whole;
select t.outcomes('2026-11-28 14:00+07', '[{"ext":"in4","amount":5000,"memo":"LO THI HOA ung ho lop hoc","paid_at":"2026-11-28 11:00+07"},{"ext":"out4","amount":5000,"dir":2,"memo":"lo thi hoa ung ho lop hoc","paid_at":"2026-11-28 11:01+07"},
    {"ext":"out5","amount":5000,"dir":2,"memo":"Tra lai tien: LO THI HOA UNG HO LOP HOC","paid_at":"2026-11-28 11:02+07"}]') \g /dev/null
select is(t.what(t.held('out4')) || ', ' || t.what(t.held('out5')), ', set_off true 5000 5000', 'a memo that tells of the other one, not one that is like it');

-- --- days that are closed take two people ---
select t.outcomes('2026-11-29 09:00+07', '[{"ext":"old","amount":1000,"codes":[["B",9]],"ref":"FT30","paid_at":"2026-11-29 08:00+07"}]') \g /dev/null
select r.rc from khop.day_act(t.token('A'), '2026-11-30 09:00+07', '2026-11-29', 'close', true, 'tests') r \g /dev/null
select r.rc from khop.day_act(t.token('principal'), '2026-11-30 09:01+07', '2026-11-29', 'agree', false, null) r \g /dev/null
select is(t.file(1001, '2026-11-30 10:00+07', '[["2026-11-29",1,9901,"k","FT31",{"unique":true}]]', 'agribank', p_heal => false), '1/1 linked 0 healed 0 gaps 1 absent 1 conflicts 0', 'a notice of a closed day is in no file');
select is(t.correct('2026-11-30 11:00+07', t.exc('not_on_statement', 'old')), '0 asked', 'its reversal is asked for');
select is(t.decide('2026-11-30 11:01+07', t.exc('not_on_statement', 'old'), 'principal', true) || ' ' || t.charge(9), '0 0 1', 'agreed, and booked on the open day');
select is(t.broken(), null, 'the books are right');
select * from finish();
rollback;
