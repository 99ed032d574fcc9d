-- Days and numbers: open day, late news, years of receipts, partitions, clocks that go back.
begin;
\ir lib/books.psql
select plan(17);
select t.issue('A', 1001, 'B', 1, null), t.issue('B', 1003, 'B', 2, null) \g /dev/null

create function pg_temp.day(p_ext text) returns date language sql as
$$ select e.booked_on from khop.transfer e where e.ext_id = p_ext $$;
select is(t.outcomes('2026-11-22 09:00+07', '[{"ext":"1","amount":1,"paid_at":"2026-11-21 23:59+07"}]'), '8', 'a late notice');
select is(pg_temp.day('1'), '2026-11-21', 'is booked on its bank day while that is open');
select is(t.outcomes('2026-11-21 17:30+00', '[{"ext":"2","amount":1}]'), '8', 'half past midnight in Sơn La');
select is(pg_temp.day('2'), '2026-11-22', 'is the next day, whatever the session''s time zone');
select is(t.outcomes('2026-11-22 09:00+07', '[{"ext":"3","amount":1,"paid_at":"2026-11-30 09:00+07"}]'), '8', 'a bank time in the future');
select is(pg_temp.day('3'), '2026-11-22', 'is booked today');
update khop.org_head set open_day = '2026-11-23' where org_id = 100;
select is(t.outcomes('2026-11-22 20:00+07', '[{"ext":"4","amount":1},{"ext":"5","amount":1,"paid_at":"2024-01-31 20:00+07"}]'), '8 8', 'a closed day never refuses money');
select is(array[pg_temp.day('4'), pg_temp.day('5')], array['2026-11-23', '2026-11-23']::date[], 'it is booked on the open day, however old the news');

select is((select string_agg(s.receipt_year || '/' || s.receipt_no, ' ' order by s.ord) from t.settle('2026-12-31 23:59:59+07',
    '[{"ext":"10","amount":1,"codes":[["B",1]]},{"ext":"11","amount":1,"codes":[["B",2]],"account":1003},{"ext":"12","amount":1,"codes":[["B",1]]}]') s),
    '2026/1 2026/1 2026/2', 'numbers are of an organisation and a year');
select is((select string_agg(s.receipt_year || '/' || s.receipt_no, ' ' order by s.ord) from t.settle('2027-01-01 00:00+07',
    '[{"ext":"13","amount":1,"codes":[["B",1]],"paid_at":"2026-12-31 23:00+07"},{"ext":"14","amount":1,"codes":[["B",1]]}]') s),
    '2027/1 2027/2', 'and begin again with the year of the giving');
select is((select string_agg(s.receipt_year || '/' || s.receipt_no, ' ' order by s.ord) from t.settle('2026-12-31 23:59+07',
    '[{"ext":"15","amount":1,"codes":[["B",1]]},{"ext":"16","amount":1,"codes":[["B",2]],"account":1003}]') s),
    '2027/3 2026/2', 'a clock that goes back does not open an old book again');
select is(t.outcomes('2027-01-02 09:00+07', '[{"ext":"20","amount":1}]'), '8', 'money without a receipt in between');
select is((select receipt_year || '/' || next_receipt from khop.org_head where org_id = 100), '2027/4', 'takes no number');

select is(t.outcomes('2028-03-31 09:00+07', '[{"ext":"30","amount":1,"paid_at":"2027-06-15 09:00+07"}]'), '8', 'after a long pause no partition is missing');
select is(pg_temp.day('30'), '2027-06-15', 'not even in between');
select is((select partitions_ahead from khop.ready('2028-03-31')), 3, 'and the months ahead are there');
select is_empty('select * from audit.invariants()', 'the books are right');
select * from finish();
rollback;
