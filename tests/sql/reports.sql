-- What stands in day_total: the days of every organisation, balances.
begin;
\ir lib/books.psql
select plan(3);
select t.issue('A', 1001, 'B', 1, 1000), t.issue('A', 1002, 'B', 2, 500), t.issue('A', 1001, 'P', 3, 300), t.issue('B', 1003, 'B', 4, 700), t.issue('A', 1001, 'B', 5, 10, '2026-11-22'),
       t.issue('A', 1001, 'B', 6, 20), t.issue('A', 1001, 'B', 7, null) \g /dev/null
update khop.charge set label = case code_no % 10 when 5 then null else 'lop ' || code_no % 2 end \g /dev/null
select t.outcomes('2026-11-21 09:00+07', '[{"ext":"1","amount":400,"codes":[["B",1]]},{"ext":"2","amount":500,"account":1002,"codes":[["B",2]]},{"ext":"3","amount":70}]'),
       t.outcomes('2026-11-22 09:00+07', '[{"ext":"4","amount":300,"dir":2,"codes":[["P",3]]},{"ext":"5","amount":5,"dir":2},{"ext":"6","amount":100,"codes":[["B",1]]},
           {"ext":"7","amount":700,"account":1003,"codes":[["B",4]]}]') \g /dev/null
select results_eq($$ select format('%s %s: in %s/%s out %s/%s settled %s/%s', code, day, n_in, amount_in, n_out, amount_out, settled_n, settled_amount)
    from khop.report_organisations('2026-11-21', '2026-11-22') $$,
    array['SL-A 2026-11-21: in 3/970 out 0/0 settled 2/900', 'SL-A 2026-11-22: in 1/100 out 2/305 settled 2/400', 'SL-B 2026-11-22: in 1/700 out 0/0 settled 1/700'],
    'every organisation by day');
select results_eq($$ select format('%s %s %s', account, dr, cr) from audit.balance where org_id = 100 order by account $$,
    array['131 0 1000', '1388 5 0', '3318 300 0', '3388 0 70', '112101 570 305', '112102 500 0'], 'balances are the sums of the days');
select is((select array_agg(distinct name) from audit.invariants()), null, 'the books are right');
select * from finish();
rollback;
