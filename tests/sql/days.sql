-- Closing days: what it seals, what stands in its way, two people for opening again, and that money always finds a day.
begin;
\ir lib/books.psql
select plan(53);
insert into khop.api_token (token_id, token_hash, org_id, bucket, scopes, name, created_at, expires_at)
values (901, t.token('principal'), 100, 0, 17, 'Hiệu trưởng', '2026-11-01', '2036-01-01'), (902, t.token('accountant'), 100, 0, 7, 'Kế toán', '2026-11-01', '2036-01-01'),
       (903, t.token('both'), 100, 0, 31, 'Cả hai', '2026-11-01', '2036-01-01'), (904, t.token('reader'), 100, 0, 1, 'Xem', '2026-11-01', '2036-01-01');
select t.payer('A', 501), t.issue('A', 1001, 'B', 1, 1000), t.issue('A', 1001, 'B', 2, 500), t.issue('A', 1001, 'B', 3, 300), t.issue('A', 1001, 'B', 4, 300) \g /dev/null
select t.outcomes('2026-11-20 09:00+07', '[{"ext":"a","amount":1000,"codes":[["B",1]]},{"ext":"b","amount":70}]'), t.outcomes('2026-11-21 09:00+07', '[{"ext":"c","amount":500,"codes":[["B",2]]}]') \g /dev/null
create function pg_temp.act(day date, action text, who text default 'accountant', at timestamptz default '2026-11-21 18:00+07', override bool default false, reason text default null) returns text language sql as
$$ select concat_ws(' ', r.rc, r.why) from khop.day_act(t.token(who), at, day, action, override, reason) r $$;
create function pg_temp.open() returns date language sql as $$ select h.open_day from khop.org_head h where h.org_id = 100 $$;
create function pg_temp.day(ext text) returns date language sql as $$ select t.booked_on from khop.transfer t where t.ext_id = ext $$;
create function pg_temp.id(ext text) returns int8 language sql as $$ select x.exception_id from khop.exception x where x.ext_id = ext $$;
create function pg_temp.undo(ext text, at timestamptz) returns text language sql as
$$ select concat_ws(' ', r.rc, r.why) from khop.exception_undo(t.token('accountant'), at, pg_temp.id(ext), 'nhầm', substr(sha256(convert_to('rid' || nextval('t.id'), 'UTF8')), 1, 16)) r $$;
create function pg_temp.credit(ext text, at timestamptz, amount int8 default null) returns text language sql as
$$ select concat_ws(' ', r.rc, r.why) from khop.exception_resolve(t.token('accountant'), at, pg_temp.id(ext), 'credit', null, null, null, 501, null, amount, null, 5, null, null, null, null) r $$;

select is(pg_temp.act('2026-11-20', 'close', 'reader'), '-7', 'who only reads closes nothing');
select is(pg_temp.act('2026-11-22', 'close'), '-5 future', 'nor does anybody close tomorrow');
select is(pg_temp.act('2026-11-20', 'agree', 'principal'), '-5 done', 'nothing was asked for');
select is((select format('%s %s %s %s', d.state, d.version, d.from_day, d.sheet::jsonb -> 'accounts' -> 0 ->> 'closing') from khop.day_show(t.token('reader'), '2026-11-21 18:00+07', '2026-11-20') d), 'open 0 2026-11-01 -1000',
    'an open day shows its figures: what was received stands against 131');
select is((select d.faults from khop.day_show(t.token('reader'), '2026-11-21 18:00+07', '2026-11-20') d), '[]', 'nothing stands in the way');
select is(pg_temp.act('2026-11-20', 'close'), '0', 'closed: all days to the twentieth');
select is(pg_temp.open(), '2026-11-21'::date, 'the next is open');
select is(pg_temp.act('2026-11-20', 'close'), '-5 closed', 'not twice');
select is((select format('%s %s %s', d.state, d.version, d.seal = sha256(decode(repeat('00', 32), 'hex') || convert_to(d.sheet, 'UTF8'))) from khop.day_show(t.token('reader'), '2026-11-21 18:00+07', '2026-11-20') d), 'closed 1 t', 'sealed');
select is((select format('%s %s', d.state, d.version) from khop.day_show(t.token('reader'), '2026-11-21 18:00+07', '2026-11-12') d), 'closed 1', 'and the days before with it');
select is((select d.sheet::jsonb -> 'transfers' from khop.day_show(t.token('reader'), '2026-11-21 18:00+07', '2026-11-20') d), '{"n": 2, "last": 2, "first": 1}', 'two rows of the journal');
select is((select d.sheet::jsonb -> 'receipts' from khop.day_show(t.token('reader'), '2026-11-21 18:00+07', '2026-11-20') d), '[{"n": 1, "last": 1, "year": 2026, "first": 1}]', 'one receipt');
select is((select d.sheet::jsonb -> 'open' -> 'items' -> 0 ->> 'reason' from khop.day_show(t.token('reader'), '2026-11-21 18:00+07', '2026-11-20') d), 'no_code', 'what waits is carried on');

-- Late money, and what follows on it, is booked on the open day.
select is(t.outcomes('2026-11-21 20:00+07', '[{"ext":"d","amount":300,"codes":[["B",3]],"paid_at":"2026-11-20 23:00+07"}]'), '1', 'money of a closed day is taken');
select is(pg_temp.day('d'), '2026-11-21'::date, 'on the open one');
select is(pg_temp.credit('b', '2026-11-21 20:10+07'), '0', 'an exception of a closed day is resolved');
select is(pg_temp.act('2026-11-21', 'close', at => '2026-11-21 21:00+07'), '0', 'the next close');
select is((select c.previous = (select b.seal from khop.day_close b where b.day = '2026-11-20' and b.what = 'closed') from khop.day_close c where c.day = '2026-11-21'), true, 'names the one before');
select is((select c.seen_seq from khop.day_close c where c.day = '2026-11-21'), 3::int8, 'and has read only what came after it');
select is(pg_temp.undo('b', '2026-11-21 22:00+07'), '-5 day', 'what was done on a day that is closed is not undone');
select is(t.outcomes('2026-11-21 22:30+07', '[{"ext":"e","amount":40}]'), '8', 'money the same evening');
select is(pg_temp.day('e'), '2026-11-22'::date, 'is tomorrow''s');
select is((select format('%s %s', x.rc, x.why) from khop.exception_resolve(t.token('accountant'), '2026-11-22 08:00+07', pg_temp.id('b'), 'reverse', null, null, null, null, null, null, 'sai em', 6, null, null, null, null) x), '0 ', 'it may be proposed to reverse it');
select is((select r.rc from khop.exception_decide(t.token('principal'), '2026-11-22 08:10+07', pg_temp.id('b'), true, null, null, null) r), 0::int2, 'a second person agrees');
select is((select format('%s %s %s', x.held, x.state, (select t.booked_on from khop.transfer t where t.org_id = 100 order by seq desc limit 1)) from khop.exception x where x.ext_id = 'b'), '70 open 2026-11-22', 'on the open day');

-- Opening again: two people, only the last, a new version.
select is(pg_temp.act('2026-11-20', 'reopen', reason => 'x'), '-5 last', 'only the last day');
select is(pg_temp.act('2026-11-21', 'reopen'), '-1 reason', 'with a reason');
select is(pg_temp.act('2026-11-21', 'reopen', 'both', reason => 'thiếu sao kê'), '0 asked', 'asked for');
select is(pg_temp.open(), '2026-11-22'::date, 'nothing is open yet');
select is(pg_temp.act('2026-11-21', 'agree', 'both'), '-7 person', 'nobody agrees with himself');
select is(pg_temp.act('2026-11-21', 'agree', 'accountant'), '-7', 'nor an accountant');
select is(pg_temp.act('2026-11-21', 'refuse', 'principal'), '0', 'refused');
select is(pg_temp.act('2026-11-21', 'agree', 'principal'), '-5 done', 'then it is over');
select is(pg_temp.act('2026-11-21', 'reopen', reason => 'thiếu sao kê') || ' ' || pg_temp.act('2026-11-21', 'agree', 'principal'), '0 asked 0', 'asked again, agreed');
select is(pg_temp.open(), '2026-11-21'::date, 'it is open');
select is(t.outcomes('2026-11-22 09:00+07', '[{"ext":"f","amount":300,"codes":[["B",4]],"paid_at":"2026-11-21 10:00+07"}]'), '1', 'money of that day');
select is(pg_temp.day('f'), '2026-11-21'::date, 'is booked on it');
select is(pg_temp.act('2026-11-21', 'close', at => '2026-11-22 18:00+07'), '0', 'closed again');
select is((select array_agg(what || version order by step) from khop.day_close where day = '2026-11-21'), '{closed1,asked_reopen1,refused1,asked_reopen1,reopened1,closed2}', 'as a new version; the first one stays');
select is((select c.previous = (select b.seal from khop.day_close b where b.day = '2026-11-21' and b.version = 1 and b.what = 'closed') from khop.day_close c where c.day = '2026-11-21' and c.version = 2 and c.what = 'closed'), true, 'which it names');
select is_empty('select * from audit.invariants()', 'the books are right');

-- What stands in the way.
select t.own('B', 4, 501), t.issue('A', 1001, 'B', 5, 900), t.own('B', 5, 501) \g /dev/null
select is(t.outcomes('2026-11-22 19:00+07', '[{"ext":"g","amount":5,"codes":[["B",5]]}]'), '10', 'money that a rule has yet to place');
select is(pg_temp.act('2026-11-22', 'close', at => '2026-11-22 20:00+07'), '-5 blocked', 'is waited for');
select is((select d.faults::jsonb -> 0 ->> 'name' from khop.day_show(t.token('reader'), '2026-11-22 20:00+07', '2026-11-22') d), 'allocation_pending', 'which is said');
update khop.exception set pending = false;
insert into khop.job (bucket, job_id, org_id, kind, format, state, size, created_at, created_by, key_hash, request_hash) values (0, 77, 100, 'statement', '', 'queued', 10, '2026-11-22', 7, sha256('k'), sha256('r'));
select is(pg_temp.act('2026-11-22', 'close', at => '2026-11-22 20:00+07'), '-5 over', 'a statement that is being read is waited for');
select is(pg_temp.act('2026-11-22', 'close', at => '2026-11-22 20:00+07', override => true), '-1 reason', 'or passed over, with a reason');
savepoint unread;
select is(pg_temp.act('2026-11-22', 'close', 'both', at => '2026-11-22 20:00+07', override => true, reason => 'sao kê đến muộn'), '0 asked', 'that is asked for');
select is(pg_temp.act('2026-11-22', 'agree', 'principal', at => '2026-11-22 20:05+07'), '0', 'and a second person agrees');
select is((select format('%s %s %s %s', c.what, c.actor, c.requested_by, c.reason) from khop.day_close c where c.day = '2026-11-22' order by c.step desc limit 1), 'closed 901 903 sao kê đến muộn', 'both are known');
select is_empty('select * from audit.invariants()', 'the books are right');
rollback to unread;
savepoint before;
update khop.day_total set amount = amount + 1 where org_id = 100 and credit = 3388 and day = '2026-11-20';
select is(pg_temp.act('2026-11-22', 'close', at => '2026-11-22 20:00+07', override => true, reason => 'x'), '-5 blocked', 'books that do not agree are not closed, whoever wants it');
select is((select array_agg(name order by name) from audit.invariants()), '{day_seal,day_total,suspense}', 'a closed day that was changed is found');
rollback to before;
update khop.day_close set sheet = replace(sheet, '"held": 70', '"held": 71') where day = '2026-11-20';
select is((select array_agg(name) from audit.invariants()), '{day_seal}', 'and a sheet that was changed');
select * from finish();
rollback;
