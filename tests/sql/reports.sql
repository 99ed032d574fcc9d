-- Reports from day_total and along charge_label.
begin;
\ir lib/books.psql
select plan(14);
select t.issue('A', 1001, 'B', 1, 1000), t.issue('A', 1002, 'B', 2, 500), t.issue('A', 1001, 'P', 3, 300), t.issue('B', 1003, 'B', 4, 700), t.issue('A', 1001, 'B', 5, 10, '2026-11-22'),
       t.issue('A', 1001, 'B', 6, 20), t.issue('A', 1001, 'B', 7, null) \g /dev/null
update khop.charge set label = case code_no % 10 when 5 then null else 'lop ' || code_no % 2 end \g /dev/null
select t.outcomes('2026-11-21 09:00+07', '[{"ext":"1","amount":400,"codes":[["B",1]]},{"ext":"2","amount":500,"account":1002,"codes":[["B",2]]},{"ext":"3","amount":70}]'),
       t.outcomes('2026-11-22 09:00+07', '[{"ext":"4","amount":300,"dir":2,"codes":[["P",3]]},{"ext":"5","amount":5,"dir":2},{"ext":"6","amount":100,"codes":[["B",1]]},
           {"ext":"7","amount":700,"account":1003,"codes":[["B",4]]}]') \g /dev/null
select t.token('A') as a, t.token('B') as b \gset
create function pg_temp.days(p_token bytea, p_from date, p_to date) returns setof text language sql as
$$ select format('%s %s %s: %s/%s settled %s/%s', day, account, direction, n, amount, settled_n, settled_amount) from khop.report_days(p_token, '2026-11-23', p_from, p_to) $$;
select results_eq($$ select pg_temp.days(t.token('A'), '2026-11-01', '2026-11-30') $$,
    array['2026-11-21 112101 1: 2/470 settled 1/400', '2026-11-21 112102 1: 1/500 settled 1/500', '2026-11-22 112101 1: 1/100 settled 1/100', '2026-11-22 112101 2: 2/305 settled 1/300'],
    'a month by day, account and direction');
select is((select count(*) from pg_temp.days(:'a', '2026-11-22', '2026-11-22'))::int, 2, 'one day');
select is((select count(*) from pg_temp.days(:'b', '2026-11-01', '2026-11-30'))::int, 1, 'others see their own');
select is((select rc from khop.report_days('\x00', '2026-11-23', '2026-11-01', '2026-11-30'))::int, -6, 'report_days checks');

create function pg_temp.unpaid(p_token bytea, p_label text, p_after text, p_id int8, p_limit int4) returns text language sql as
$$ select string_agg(format('%s %s/%s', code_no % 28629151, paid, due), ', ') from khop.report_unpaid(p_token, '2026-11-23', p_label, p_after, p_id, p_limit) $$;
update khop.charge set label = 'lop 3A' where charge_id in (t.code('B', 1)) \g /dev/null
update khop.charge set label = 'lop 3B' where charge_id in (t.code('B', 6)) \g /dev/null
select is(pg_temp.unpaid(:'a', null, null, null, 10), '1 500/1000, 6 0/20', 'what is owed: not what is paid, open, expired, or to be paid out');
select is(pg_temp.unpaid(:'a', 'lop 3B', null, null, 10), '6 0/20', 'of one class');
select is(pg_temp.unpaid(:'a', 'lop 3', null, null, 10), null, 'a class by its whole name');
select is(pg_temp.unpaid(:'a', null, null, null, 1), '1 500/1000', 'a page');
select is(pg_temp.unpaid(:'a', null, 'lop 3A', t.code('B', 1), 10), '6 0/20', 'the next page');
select is(pg_temp.unpaid(:'b', null, null, null, 10), null, 'others see nothing of it');
select is((select rc from khop.report_unpaid('\x00', '2026-11-23', null, null, null, 10))::int, -6, 'report_unpaid checks');

select results_eq($$ select format('%s %s: in %s/%s out %s/%s settled %s/%s', code, day, n_in, amount_in, n_out, amount_out, settled_n, settled_amount)
    from khop.report_organisations('2026-11-21', '2026-11-22') $$,
    array['SL-A 2026-11-21: in 3/970 out 0/0 settled 2/900', 'SL-A 2026-11-22: in 1/100 out 2/305 settled 2/400', 'SL-B 2026-11-22: in 1/700 out 0/0 settled 1/700'],
    'every organisation by day');
select results_eq($$ select format('%s %s %s', account, dr, cr) from audit.balance where org_id = 100 order by account $$,
    array['131 0 1000', '1388 5 0', '3318 300 0', '3388 0 70', '112101 570 305', '112102 500 0'], 'balances are the sums of the days');
select is((select array_agg(distinct name) from audit.invariants()), null, 'the books are right');
select * from finish();
rollback;
