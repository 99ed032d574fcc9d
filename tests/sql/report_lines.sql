-- Reports as lines (report_show): what each says, its sums, its pages, who may read it.
begin;
\ir lib/books.psql
select plan(48);

-- Classes, payers of the list, and charges of theirs and of others.
select t.issue('A', 1001, 'B', 1, 1000), t.issue('A', 1001, 'B', 2, 2000, null, '2026-12-05'), t.issue('A', 1002, 'B', 3, 500), t.issue('A', 1001, 'B', 4, 800), t.issue('A', 1001, 'B', 5, 300),
       t.issue('A', 1001, 'B', 6, 700), t.issue('A', 1001, 'B', 7, 90, '2026-11-22'), t.issue('A', 1001, 'B', 8, null), t.issue('A', 1001, 'P', 9, 400), t.issue('A', 1001, 'B', 10, 50),
       t.issue('B', 1003, 'B', 11, 600), t.issue('A', 1001, 'B', 12, 250) \g /dev/null
insert into khop.payer (bucket, payer_id, org_id, ref, name, class, created_at, changed_at)
select 0, 500 + n, 100, 'HS' || n, name, class, '2026-09-01', '2026-09-01'
  from (values (1, 'Lò Văn Đông', '2A'), (2, 'Lò Thị Ánh', '10A'), (3, 'Quàng Thị Ăn', '2A'), (4, 'Nguyễn Văn An', '2A'), (5, 'Vừ A Dế', null)) p (n, name, class) \g /dev/null
update khop.charge set payer_id = 500 + (array[1, 2, 3, 4, 5, 1])[t.n] from (select n, t.code('B', n) as id from generate_series(1, 6) n) t where charge_id = t.id and bucket = 0 \g /dev/null
update khop.party set class = '1B' where charge_id = t.code('B', 10) \g /dev/null
update khop.charge_due set cancelled = true where code_no = t.code('B', 12) \g /dev/null
-- Day one: one paid, one in part, one too much, one that nobody knows. Day two: a payout, another unknown, and the rest of charge 4.
select t.outcomes('2026-11-21 09:00+07', '[{"ext":"1","amount":1000,"codes":[["B",1]],"ref":"FT1"},{"ext":"2","amount":500,"account":1002,"codes":[["B",3]]},{"ext":"3","amount":70},{"ext":"4","amount":300,"codes":[["B",4]]}]'),
       t.outcomes('2026-11-22 23:30+07', '[{"ext":"5","amount":400,"dir":2,"codes":[["P",9]]},{"ext":"6","amount":5,"dir":2},{"ext":"7","amount":500,"codes":[["B",4]]},{"ext":"8","amount":600,"account":1003,"codes":[["B",11]]}]') \g /dev/null
insert into khop.receipt_void (bucket, org_id, year, no, reason, voided_at) values (0, 100, 2026, 2, 'hai lần', '2026-11-23') \g /dev/null

create function pg_temp.line(r khop.report_line) returns text language sql as
$$ select concat_ws('|', case r.what when 1 then 'sum' end, r.t1, r.t2, r.t3, r.t4, r.t5) || ' ' || concat_ws(',', r.n1, r.n2, r.n3, r.n4, r.n5, r.n6, r.n7, r.n8, r.n9) $$;
create function pg_temp.lines(p_name text, p_filter text default '{}', p_after_a int8 default 0, p_after_b int8 default 0, p_limit int4 default 100, p_org text default 'A') returns setof text language sql as
$$ select pg_temp.line(r) from khop.report_show(t.token(p_org), '2026-11-23 08:00+07', p_name, p_filter, p_after_a, p_after_b, p_limit) r $$;

-- Days. 20778 is 2026-11-21.
select is((date '2026-11-21' - date '1970-01-01'), 20778, 'the day of the tests');
select results_eq($$ select * from pg_temp.lines('days') $$, array[
    'sum 5,2370,2,405,2700,75', '970436 111 20778,0,3,1370,0,0,1370,1300,70', '970436 112 20778,0,1,500,0,0,500,500,0', '970436 111 20779,1370,1,500,2,405,1465,900,5'],
    'days: each begins where the last one ended');
select results_eq($$ select * from pg_temp.lines('days', '{"from":"2026-11-22"}') $$, array['sum 1,500,2,405,900,5', '970436 111 20779,1370,1,500,2,405,1465,900,5'], 'from a day on, with what was there before');
select results_eq($$ select * from pg_temp.lines('days', '{"to":"2026-11-21"}') $$, array['sum 4,1870,0,0,1800,70', '970436 111 20778,0,3,1370,0,0,1370,1300,70', '970436 112 20778,0,1,500,0,0,500,500,0'], 'up to a day');
select results_eq($$ select * from pg_temp.lines('days', '{}', 20778, 112101) $$, array['970436 112 20778,0,1,500,0,0,500,500,0', '970436 111 20779,1370,1,500,2,405,1465,900,5'], 'the next page, with the same balances');
select results_eq($$ select * from pg_temp.lines('days', '{}', 0, 0, 100, 'B') $$, array['sum 1,600,0,0,600,0', '970436 113 20779,0,1,600,0,0,600,600,0'], 'others see their own');

-- What is owed: classes by number, given names by the alphabet, charges without a payer behind.
create function pg_temp.named(p_name text, p_filter text default '{}', p_after int8 default 0, p_limit int4 default 100) returns setof text language sql as
$$ select concat_ws(' ', r.t1, r.t2, r.n1 % 28629151, r.n4 || '/' || r.n3, r.n5) from khop.report_show(t.token('A'), '2026-11-23 08:00+07', p_name, p_filter, p_after, 0, p_limit) r where r.what = 0 $$;
select results_eq($$ select * from pg_temp.named('unpaid') $$, array['2A Lò Văn Đông 6 0/700 700', '10A Lò Thị Ánh 2 0/2000 2000', 'Vừ A Dế 5 0/300 300', '1B Lò Văn A 10 0/50 50'], 'unpaid');
select results_eq($$ select * from pg_temp.named('paid') $$, array['2A Nguyễn Văn An 4 800/800', '2A Quàng Thị Ăn 3 500/500', '2A Lò Văn Đông 1 1000/1000'], 'paid: An before Ăn before Đông');
select results_eq($$ select pg_temp.line(r) from khop.report_show(t.token('A'), '2026-11-23', 'unpaid', '{}', 0, 0, 0) r $$, array['sum 3050,0,3050'], 'their sums');
select results_eq($$ select pg_temp.line(r) from khop.report_show(t.token('A'), '2026-11-23', 'paid', '{}', 0, 0, 0) r $$, array['sum 2300,2300'], 'and of what was paid');
select results_eq($$ select * from pg_temp.named('unpaid', '{}', t.code('B', 6)) $$, array['10A Lò Thị Ánh 2 0/2000 2000', 'Vừ A Dế 5 0/300 300', '1B Lò Văn A 10 0/50 50'], 'the page after a charge of a payer');
select results_eq($$ select * from pg_temp.named('unpaid', '{}', t.code('B', 5)) $$, array['1B Lò Văn A 10 0/50 50'], 'after the last payer');
select results_eq($$ select * from pg_temp.named('unpaid', '{}', t.code('B', 10)) $$, '{}'::text[], 'after the last charge');
select results_eq($$ select * from pg_temp.named('unpaid', '{}', 0, 2) $$, array['2A Lò Văn Đông 6 0/700 700', '10A Lò Thị Ánh 2 0/2000 2000'], 'a page of two');
select results_eq($$ select * from pg_temp.named('paid', '{"class":"2A"}') $$, array['2A Nguyễn Văn An 4 800/800', '2A Quàng Thị Ăn 3 500/500', '2A Lò Văn Đông 1 1000/1000'], 'of a class');
select results_eq($$ select * from pg_temp.named('unpaid', '{"class":"1B"}') $$, array['1B Lò Văn A 10 0/50 50'], 'of a class without a list');
select results_eq($$ select pg_temp.line(r) from khop.report_show(t.token('A'), '2026-11-23', 'unpaid', '{"class":"10A"}', 0, 0, 0) r $$, array['sum 2000,0,2000'], 'its sum');
select results_eq($$ select * from pg_temp.named('unpaid', '{"label":"khac"}') $$, '{}'::text[], 'of a label that is none');
update khop.charge set label = 'sach' where bucket = 0 and charge_id in (t.code('B', 5), t.code('B', 10)) \g /dev/null
select results_eq($$ select * from pg_temp.named('unpaid', '{"label":"sach"}') $$, array['Vừ A Dế 5 0/300 300', '1B Lò Văn A 10 0/50 50'], 'of a label');
select results_eq($$ select pg_temp.line(r) from khop.report_show(t.token('A'), '2026-11-23', 'unpaid', '{"label":"sach"}', 0, 0, 0) r $$, array['sum 350,0,350'], 'its sum');
update khop.charge set label = 'tien an' where bucket = 0 and label = 'sach' \g /dev/null
select results_eq($$ select * from pg_temp.named('unpaid', '{"from":"2026-12-01","to":"2026-12-31"}') $$, array['10A Lò Thị Ánh 2 0/2000 2000'], 'due in a month');
select results_eq($$ select * from pg_temp.named('unpaid', '{"to":"2026-11-30"}') $$, array['2A Lò Văn Đông 6 0/700 700', 'Vừ A Dế 5 0/300 300', '1B Lò Văn A 10 0/50 50'], 'without a due date by the day of issue');

select results_eq($$ select * from pg_temp.lines('classes') $$, array['sum 6,7,5350,2300,3050,3,0,4', '1B 1,1,50,0,50,0,0,1', '2A 3,4,3000,2300,700,3,0,1', '10A 1,1,2000,0,2000,0,0,1', ' 1,1,300,0,300,0,0,1'],
    'classes');
select results_eq($$ select * from pg_temp.lines('classes', '{"from":"2026-12-01"}') $$, array['sum 1,1,2000,0,2000,0,0,1', '10A 1,1,2000,0,2000,0,0,1'], 'classes of a time');

-- Receipts: 1 to 4 of day one and two (the payout has one too).
select is((select pg_temp.line(r) from khop.report_show(t.token('A'), '2026-11-23', 'receipts', '{}', 0, 0, 1) r where r.what = 0),
    format('Lò Văn A|tien an|FT1 2026,1,20778,%s,%s,1000,%s', (extract(epoch from timestamptz '2026-11-21 08:59+07') * 1000000)::int8, t.code('B', 1),
        (select event_id from khop.transfer where org_id = 100 and seq = 1)), 'a receipt with all that it says');
select results_eq($$ select concat_ws(' ', r.t1, r.t4, r.n2, r.n3, r.n6, r.n7) from khop.report_show(t.token('A'), '2026-11-23', 'receipts', '{}', 0, 0, 100) r where r.what = 0 $$,
    array['Lò Văn A 1 20778 1000', 'Lò Văn A hai lần 2 20778 500', 'Lò Văn A 3 20778 300', 'Nguyễn B 4 20779 400', 'Lò Văn A 5 20779 500'], 'the register');
select results_eq($$ select pg_temp.line(r) from khop.report_show(t.token('A'), '2026-11-23', 'receipts', '{}', 0, 0, 0) r $$, array['sum 2200,500'], 'its sums: what is void apart');
select results_eq($$ select r.n2 from khop.report_show(t.token('A'), '2026-11-23', 'receipts', '{"from":"2026-11-22"}', 0, 0, 100) r where r.what = 0 $$, array[4, 5]::int8[], 'of the second day');
select results_eq($$ select r.n2 from khop.report_show(t.token('A'), '2026-11-23', 'receipts', '{"to":"2026-11-21"}', 0, 0, 100) r where r.what = 0 $$, array[1, 2, 3]::int8[], 'of the first');
select results_eq($$ select r.n2 from khop.report_show(t.token('A'), '2026-11-23', 'receipts', '{}', 2026, 2, 2) r $$, array[3, 4]::int8[], 'a page');
select results_eq($$ select r.n2 from khop.report_show(t.token('A'), '2026-11-23', 'receipts', '{"from":"2026-11-23"}', 0, 0, 100) r where r.what = 0 $$, '{}'::int8[], 'of a day without');

-- The journal and the balances.
select results_eq($$ select concat_ws(' ', r.t1, r.t2, r.t3, r.n1, r.n2, r.n3, r.n4 % 28629151) from khop.report_show(t.token('A'), '2026-11-23', 'journal', '{}', 0, 0, 100) r where r.what = 0 $$,
    array['112101 131 settled 1 20778 1000 1', '112102 131 settled 2 20778 500 3', '112101 3388 suspense 3 20778 70', '112101 131 settled 4 20778 300 4',
          '3318 112101 settled 5 20779 400 9', '1388 112101 suspense 6 20779 5', '112101 131 settled 7 20779 500 4'], 'the journal');
select results_eq($$ select * from pg_temp.lines('journal', '{"from":"2026-11-22"}', 0, 0, 0) $$, array['sum 905'], 'its sum');
select results_eq($$ select r.n1 from khop.report_show(t.token('A'), '2026-11-23', 'journal', '{"from":"2026-11-22"}', 0, 0, 100) r where r.what = 0 $$, array[5, 6, 7]::int8[], 'of a day on');
select results_eq($$ select r.n1 from khop.report_show(t.token('A'), '2026-11-23', 'journal', '{"to":"2026-11-21"}', 2, 0, 100) r $$, array[3, 4]::int8[], 'a page up to a day');
select results_eq($$ select * from pg_temp.lines('balances') $$, array['sum 0,0,2775,2775,2370,2370', '112101|970436 111 0,0,1870,405,1465,0', '112102|970436 112 0,0,500,0,500,0', '131|Phải thu 0,0,0,2300,0,2300',
    '1388|Tiền ra chờ xử lý 0,0,5,0,5,0', '3318|Phải trả người thụ hưởng 0,0,400,0,400,0', '3388|Tiền vào chờ xử lý 0,0,0,70,0,70'], 'balances');
select results_eq($$ select * from pg_temp.lines('balances', '{"from":"2026-11-22"}') $$, array['sum 1870,1870,905,905,2370,2370', '112101|970436 111 1370,0,500,405,1465,0', '112102|970436 112 500,0,0,0,500,0',
    '131|Phải thu 0,1800,0,500,0,2300', '1388|Tiền ra chờ xử lý 0,0,5,0,5,0', '3318|Phải trả người thụ hưởng 0,0,400,0,400,0', '3388|Tiền vào chờ xử lý 0,70,0,0,0,70'], 'balances of a day');
select set_eq($$ select r.t1::int4, r.n5 - r.n6 from khop.report_show(t.token('A'), '2026-11-23', 'balances', '{}', 0, 0, 100) r where r.what = 0 $$,
    $$ select account, net from audit.balance where org_id = 100 $$, 'they end where audit.balance does');

-- Who may, and what is refused.
select is((select rc from khop.report_show('\x00', '2026-11-23', 'days', '{}', 0, 0, 10))::int, -6, 'strangers');
select is((select rc from khop.report_show(t.token('A'), '2026-11-23', 'nothing', '{}', 0, 0, 10))::int, -4, 'a report that is none');
select is((select rc from khop.report_show(t.token('A'), '2026-11-23', 'days', '{"from":"2026-13-01"}', 0, 0, 10))::int, -1, 'a date that is none');
select is((select count(*) from khop.report_show(t.token('C'), '2026-11-23', n, '{}', 0, 0, 10) r where r.what = 0)::int, 0, 'an organisation without anything: ' || n)
  from unnest(array['days', 'classes', 'unpaid', 'paid', 'receipts', 'journal', 'balances']) n;
select * from finish();
rollback;
