-- Up to what sum one person alone corrects what the bank contradicts: of each organisation, by its administrator, fresh and written down.
begin;
\ir lib/books.psql
\ir lib/statements.psql
select plan(16);
create function t.set_to(who text, p_amount int8, at timestamptz default '2026-11-10 08:00+07') returns int4 language sql as
$$ select r.rc::int4 from khop.alone_limit_save(t.token(who), at, p_amount) r $$;
create function t.says(who text) returns text language sql as
$$ select concat_ws(' ', r.rc, r.amount, r.changed_at is not null, r.changed_by) from khop.alone_limit_get(t.token(who), '2026-11-10 09:00+07') r $$;
select khop.token_create('2026-11-01 08:00+07', 901, 100, t.token('accountant'), 5, 'test', '2036-01-01') \g /dev/null

select is(t.says('A'), '0 5000000 f', 'what stands there by itself');
select is(t.set_to('accountant', 100), -7, 'not for an accountant');
select is(t.set_to('nobody', 100), -6, 'nor for strangers');
select is(t.set_to('A', -1), -1, 'not below nothing');
select is(t.set_to('A', 50000001), -1, 'not above the ceiling');
select is(t.set_to('A', null), -1, 'not nothing at all');
select throws_ok('insert into khop.alone_limit values (0, 100, 50000001, now(), 1)', '23514', null, 'the table says so, too');
select is(t.says('A'), '0 5000000 f', 'nothing was changed');
select is(t.set_to('A', 999), 0, 'the administrator may');
select is(t.says('accountant'), '0 999 t test', 'everybody sees it, and who said so');
select is(t.says('B'), '0 5000000 f', 'others have their own');
select is((select concat_ws(' ', e.action, e.result, e.detail) from khop.audit_event e where e.org_id = 100 order by e.at desc limit 1),
    'alone_limit.change ok 5000000 999', 'written down, with the sum before');

-- what it decides
select t.issue('A', 1001, 'B', n, 1000) from generate_series(1, 2) n \g /dev/null
select t.outcomes('2026-11-20 09:00+07', '[{"ext":"forged","amount":1000,"codes":[["B",1]],"ref":"FT1","paid_at":"2026-11-20 08:00+07"}]') \g /dev/null
select t.file(1001, '2026-11-21 10:00+07', '[["2026-11-20",5,5,"x","FT2"]]') \g /dev/null
create function t.exc() returns int8 language sql as $$ select x.exception_id from khop.exception x where x.reason = 'not_on_statement' $$;
create function t.correct() returns text language sql as
$$ select concat_ws(' ', r.rc, r.why) from khop.exception_correct(t.token('A'), '2026-11-21 11:00+07', t.exc(), null, substr(sha256('r'), 1, 16)) r $$;
select is((khop.exception_about(0, 100, t.exc()) ->> 'alone')::bool, false, 'above it the page says that two are needed');
select is(t.correct(), '0 asked', 'and it is asked for');
select is(t.set_to('A', 1000), 0, 'raised to the very sum');
select is((khop.exception_about(0, 100, t.exc()) ->> 'alone')::bool, true, 'one is enough');
select * from finish();
rollback;
