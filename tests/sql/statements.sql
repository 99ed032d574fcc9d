-- Statements of the bank: lines known and new, pairing, healing, late notices, gaps, states.
begin;
\ir lib/books.psql
\ir lib/statements.psql
select plan(54);

select t.issue('A', 1001, 'B', n, 1000) from generate_series(1, 20) n \g /dev/null

-- --- all three agree ---
select t.outcomes('2026-11-20 09:00+07', '[{"ext":"n1","amount":1000,"codes":[["B",1]],"ref":"FT1","paid_at":"2026-11-20 08:00+07"},
    {"ext":"n2","amount":1000,"codes":[["B",2]],"balance":7000,"paid_at":"2026-11-20 08:10+07"},
    {"ext":"n3","amount":1000,"codes":[["B",3]],"paid_at":"2026-11-20 23:50+07"},
    {"ext":"n4","amount":55,"memo":"Ủng hộ  quỹ, lớp","paid_at":"2026-11-20 08:30+07"},
    {"ext":"n5","amount":66,"paid_at":"2026-11-20 08:40+07"},
    {"ext":"n6","amount":66,"paid_at":"2026-11-20 08:50+07"}]') \g /dev/null
select is(t.states(1001, '2026-11-20'), 'awaiting_statement 6 3187 0', 'before a file everything waits for one');
select is(t.file(1001, '2026-11-22 10:00+07', '[["2026-11-20",1000,6000,"x FT1","FT1"],["2026-11-20",1000,7000,"y"],["2026-11-20",55,7055,"UNG HO QUY LOP"],["2026-11-20",66,7121,"p"],
    ["2026-11-20",66,7187,"q"],["2026-11-21",1000,8187,"z",null,{"code":3}]]', p_opening => 5000, p_closing => 8187), '6/6 linked 6 healed 0 gaps 0 absent 0 conflicts 0',
    'by reference, by balance, by memo, by count, by code on the next day');
select is((select string_agg(e.rule::text, ' ' order by e.line_no) from khop.line_event e), '1 2 4 5 5 3', 'each by its rule');
select is(t.states(1001, '2026-11-20'), 'matched 5 2187 0', 'all matched');
select is(t.states(1001, '2026-11-21'), 'matched 1 1000 0', 'what was booked the next day is of the next day');
select is((select concat_ws(' ', d.doc::jsonb -> 'bank' ->> 'opening', d.doc::jsonb -> 'bank' ->> 'in', d.doc::jsonb -> 'bank' ->> 'out', d.doc::jsonb -> 'bank' ->> 'closing',
               d.doc::jsonb -> 'bank' ->> 'complete') from khop.reconciliation(t.token('A'), '2026-11-30', 1001, '2026-11-20', null, 0, 100) d), '5000 2187 0 7187 true',
    'opening, in, out, closing of the day');

-- --- repetition, overlap ---
select is(t.file(1001, '2026-11-22 10:01+07', '[["2026-11-20",1000,6000,"x FT1","FT1"],["2026-11-20",1000,7000,"y"],["2026-11-20",55,7055,"UNG HO QUY LOP"],["2026-11-20",66,7121,"p"],
    ["2026-11-20",66,7187,"q"],["2026-11-21",1000,8187,"z",null,{"code":3}]]'), 'repeated linked 0 healed 0 gaps 0 absent 0 conflicts 0', 'the same file changes nothing');
select is(t.file(1001, '2026-11-22 10:02+07', '[["2026-11-20",66,7187,"q"],["2026-11-21",1000,8187,"z",null,{"code":3}],["2026-11-21",5,8192,"w"]]'),
    '1/3 linked 0 healed 1 gaps 0 absent 0 conflicts 0', 'of an overlapping file only the new line counts; without a notice it is settled');
select is((select t.outcome || ' ' || t.amount || ' ' || t.provider || ' ' || x.reason || ' ' || x.held from khop.transfer t join khop.exception x on x.exception_id = t.event_id
            where t.provider = 9), '8 5 9 no_code 5', 'into suspense, for nobody knows whose it is');
select is(t.states(1001, '2026-11-21'), 'matched_by_statement 1 5 0, matched 1 1000 0', 'states of both');

-- --- equal rows are real ---
select is(t.file(1001, '2026-11-24 10:00+07', (select jsonb_agg('["2026-11-23",10,null,"ung ho"]'::jsonb) from generate_series(1, 5))), '5/5 linked 0 healed 5 gaps 0 absent 0 conflicts 0',
    'five equal rows are five');
select is(t.file(1001, '2026-11-24 10:01+07', (select jsonb_agg('["2026-11-23",10,null,"ung ho"]'::jsonb) from generate_series(1, 7))), '2/7 linked 0 healed 2 gaps 0 absent 0 conflicts 0',
    'seven equal rows later are two more');
select is(t.file(1001, '2026-11-24 10:02+07', (select jsonb_agg('["2026-11-23",10,null,"ung ho"]'::jsonb) from generate_series(1, 3))), '0/3 linked 0 healed 0 gaps 0 absent 0 conflicts 0',
    'three are none');

-- --- another format of the same days ---
select is(t.file(1001, '2026-11-24 11:00+07', '[["2026-11-20",1000,6000,"other words","R1",{"unique":true}],["2026-11-20",1000,7000,"","R2",{"unique":true}],["2026-11-20",55,7055,"","R3",{"unique":true}],
    ["2026-11-20",66,7121,"","R4",{"unique":true}],["2026-11-20",66,7187,"","R5",{"unique":true}],["2026-11-21",1000,8187,"","R6",{"unique":true}],["2026-11-21",5,8192,"","R7",{"unique":true}]]', 'mt940'),
    '0/7 linked 0 healed 0 gaps 0 absent 0 conflicts 0', 'another format brings nothing twice: same balances');
select is(t.file(1001, '2026-11-24 11:01+07', '[["2026-11-20",1000,null,"","S1",{"unique":true}],["2026-11-20",1000,null,"","S2",{"unique":true}],["2026-11-20",1000,null,"","S3",{"unique":true}]]', 'camt.053',
    p_from => '2026-11-20', p_to => '2026-11-20'), '1/3 linked 0 healed 1 gaps 0 absent 0 conflicts 0', 'without balances the count decides: a third is new');
select is(t.broken(), null, 'the books are right');

-- --- lost, late and doubled notices ---
select is(t.file(1001, '2026-11-25 10:00+07', '[["2026-11-24",1000,null,"SB7 tien an",null,{"code":5}],["2026-11-24",400,null,"mot phan",null,{"code":6}]]'), '2/2 linked 0 healed 2 gaps 0 absent 0 conflicts 0',
    'a lost notice is healed by its line');
select is((select d.paid || ' ' || d.receipts from khop.charge_due d where d.code_no = t.code('B', 5)), '1000 1', 'the charge is paid, with its receipt');
select is(t.outcomes('2026-11-25 11:00+07', '[{"ext":"late5","amount":1000,"codes":[["B",5]],"paid_at":"2026-11-24 09:00+07"}]'), '1r', 'its notice, late, is a repeat');
select is(t.outcomes('2026-11-25 11:01+07', '[{"ext":"late5","amount":1000,"codes":[["B",5]],"paid_at":"2026-11-24 09:00+07"}]'), '1r', 'and stays one');
select is((select d.paid || ' ' || d.receipts from khop.charge_due d where d.code_no = t.code('B', 5)), '1000 1', 'nothing is booked twice');
select is(t.outcomes('2026-11-25 11:02+07', '[{"ext":"again5","amount":1000,"codes":[["B",5]],"paid_at":"2026-11-24 09:05+07"}]'), '4', 'a line is one notice''s: a second payment is a payment');
select is(t.outcomes('2026-11-25 11:03+07', '[{"ext":"other6","amount":600,"codes":[["B",6]],"paid_at":"2026-11-24 09:05+07"}]'), '1', 'another amount is another payment');
select is(t.states(1001, '2026-11-24', '2026-11-25 12:00+07'), 'not_on_statement 2 1600 0, matched_by_statement 1 400 0, matched 1 1000 0', 'what stands in no file that must have it comes first');
select is(t.file(1001, '2026-11-26 10:00+07', '[["2026-11-24",1000,null,"SB7 tien an",null,{"code":5}],["2026-11-24",400,null,"mot phan",null,{"code":6}],["2026-11-25",1,null,"x"]]'),
    '1/3 linked 0 healed 1 gaps 0 absent 2 conflicts 0', 'they are raised');
select is((select string_agg(x.reason || ' ' || x.amount || ' ' || x.ext_id || ' ' || x.held, ', ' order by x.exception_id) from khop.exception x where x.reason = 'not_on_statement'),
    'not_on_statement 1000 again5 0, not_on_statement 600 other6 0', 'with the notice that is meant');
select is(t.file(1001, '2026-11-26 10:05+07', '[["2026-11-24",1000,null,"SB7 tien an",null,{"code":5}],["2026-11-24",1000,null,"SB7 tien an",null,{"code":5}],["2026-11-24",400,null,"mot phan",null,{"code":6}],
    ["2026-11-24",600,null,"phan hai",null,{"code":6}],["2026-11-25",1,null,"x"]]'), '2/5 linked 2 healed 0 gaps 0 absent 0 conflicts 0', 'when their lines come they close themselves');
select is((select string_agg(x.state, ' ') from khop.exception x where x.reason = 'not_on_statement'), 'self_resolved self_resolved', 'by evidence');
select is(t.broken(), null, 'the books are right');

-- --- gaps ---
select is(t.file(1002, '2026-11-25 10:00+07', '[["2026-11-22",100,100,"a"],["2026-11-22",50,150,"b"],["2026-11-22",30,200,"d"],["2026-11-23",-20,180,"e"]]'),
    '4/4 linked 0 healed 4 gaps 1 absent 0 conflicts 0', 'a line that does not go on where the one before ended is a gap');
select is((select x.reason || ' ' || x.amount || ' ' || x.direction || ' ' || x.state from khop.exception x where x.reason = 'balance_gap'), 'balance_gap 20 1 open', 'of what is missing');
select is(t.file(1002, '2026-11-27 10:00+07', '[["2026-11-26",5,205,"g"]]'), '1/1 linked 0 healed 1 gaps 2 absent 0 conflicts 0', 'nor does a file that does not begin where the last one ended');
select is(t.file(1002, '2026-11-27 10:01+07', '[["2026-11-22",50,150,"b"],["2026-11-22",20,170,"c"],["2026-11-22",30,200,"d"]]'), '1/3 linked 0 healed 1 gaps 1 absent 0 conflicts 0',
    'the missing line closes its gap');
select is(t.file(1002, '2026-11-27 10:02+07', '[["2026-11-24",20,200,"f"]]'), '1/1 linked 0 healed 1 gaps 0 absent 0 conflicts 0', 'and the other');
select is((select string_agg(x.state, ' ') from khop.exception x where x.reason = 'balance_gap'), 'self_resolved self_resolved', 'both have resolved themselves');

-- --- amounts that differ ---
select t.outcomes('2026-11-28 09:00+07', '[{"ext":"m1","account":1002,"amount":900,"ref":"FT77","paid_at":"2026-11-28 08:00+07"}]') \g /dev/null
select is(t.file(1002, '2026-11-29 10:00+07', '[["2026-11-28",800,null,"k","FT77",{"unique":true}]]', 'agribank'), '1/1 linked 1 healed 0 gaps 0 absent 0 conflicts 1', 'the bank says another amount');
select is(t.states(1002, '2026-11-28'), 'amount_conflict 1 800 0', 'which is its own state');

-- --- what came before us ---
select is(t.file(1002, '2026-11-29 11:00+07', '[["2026-10-05",100,null,"old"],["2026-10-06",-100,null,"old"]]'), '2/2 linked 0 healed 0 gaps 0 absent 0 conflicts 1', 'lines before the account was kept here are history');
select is(t.states(1002, '2026-10-05'), 'history 1 100 0', 'shown as that');

-- --- a file of today ends with its last line ---
select t.outcomes('2026-11-30 15:00+07', '[{"ext":"t1","amount":1000,"codes":[["B",7]],"paid_at":"2026-11-30 08:00+07"},{"ext":"t2","amount":1000,"codes":[["B",8]],"paid_at":"2026-11-30 14:00+07"}]') \g /dev/null
select is(t.file(1001, '2026-11-30 15:00+07', '[["2026-11-30",7,null,"x",null,{"second":43200}]]'), '1/1 linked 0 healed 1 gaps 0 absent 1 conflicts 0', 'what was paid before it must stand in it, what came later need not');
select is(t.states(1001, '2026-11-30', '2026-11-30 15:00+07'), 'not_on_statement 1 1000 0, awaiting_statement 1 1000 0, matched_by_statement 1 7 0', 'states of a day that is not over');
select is(t.broken(), null, 'the books are right');

-- --- any cuts, in any order ---
-- A bank's truth: 60 lines of six days, many of them equal; with balances a file may begin and end anywhere, without them it has whole days.
create temp table truth as
    select g as n, date '2026-12-01' + g / 10 as day, (array[10, 10, 10, 50, -20])[abs(hashint4(g * 7)) % 5 + 1]::int8 as amount, (array['ung ho', 'tien an', ''])[abs(hashint4(g)) % 3 + 1] as memo,
           sum((array[10, 10, 10, 50, -20])[abs(hashint4(g * 7)) % 5 + 1]) over (order by g)::int8 as balance
      from generate_series(0, 59) g;
create function t.cut(p_from int4, p_to int4, p_balance bool) returns jsonb language sql as $$
    select jsonb_agg(jsonb_build_array(x.day, x.amount, case when p_balance then x.balance end, x.memo) order by x.n) from truth x where x.n between p_from and p_to
$$;
create function t.cuts(p_account int8, p_balance bool, p_seed int4) returns text language plpgsql as $$
declare
    v_from int4;
    v_to int4;
    v_said text := '';
begin
    for i in 1 .. 12 loop
        v_from := abs(hashint4(p_seed * 100 + i)) % 60;
        v_to := least(59, v_from + abs(hashint4(p_seed * 1000 + i)) % 30);
        if not p_balance then
            v_from := v_from / 10 * 10;
            v_to := v_to / 10 * 10 + 9;
        end if;
        v_said := v_said || ' ' || t.file(p_account, '2026-12-20 10:00+07', t.cut(v_from, v_to, p_balance), p_name => format('%s %s %s', p_account, p_seed, i));
    end loop;
    perform t.file(p_account, '2026-12-20 11:00+07', t.cut(0, 59, p_balance), p_name => format('%s all', p_account));
    return (select concat_ws(' ', count(*), sum(l.amount), count(e.seq), (select count(*) from khop.transfer x where x.account_id = p_account),
        (select count(*) from khop.exception x where x.account_id = p_account and x.reason = 'balance_gap' and x.state = 'open'))
              from khop.statement_line l left join khop.line_event e on e.account_id = l.account_id and e.line_no = l.line_no where l.account_id = p_account);
end $$;
select is(t.cuts(1003, true, 1), (select concat_ws(' ', 60, sum(amount), 60, 60, 0) from truth), 'cuts anywhere, in any order, make every line once, each an event once, and no gap stays');
select is(t.cuts((select a.account_id from khop.account a where a.account_no = '114'), false, 2), (select concat_ws(' ', 60, sum(amount), 60, 60, 0) from truth), 'cuts of whole days without balances too');
select is((select string_agg(x.n || ' ' || x.k, ', ') from (select count(*) as n, y.k from (select count(*) as k from khop.statement_line l join khop.account a on a.account_id = l.account_id and a.account_no = '114'
    group by l.bank_date, l.amount, l.memo_key) y group by y.k order by y.k) x),
    (select string_agg(x.n || ' ' || x.k, ', ') from (select count(*) as n, y.k from (select count(*) as k from truth l group by l.day, l.amount, l.memo) y group by y.k order by y.k) x),
    'as many equal ones as there are');
select is(t.broken(), null, 'the books are right');

-- --- all accounts of a day: what each says alone ---
create function pg_temp.alone(p_org text, p_day date) returns setof text language sql as $$
    select concat_ws(' ', r.doc::jsonb -> 'account' ->> 'account_no', r.doc::jsonb ->> 'books', coalesce(r.doc::jsonb -> 'bank' ->> 'statement', '-'), r.doc::jsonb -> 'bank' ->> 'complete',
                     r.doc::jsonb ->> 'agrees', r.doc::jsonb ->> 'states')
      from khop.account a cross join lateral khop.reconciliation(t.token(p_org), '2026-12-31', a.account_id, p_day, null, 0, 1) r
     where r.rc = 0 order by 1 $$;
create function pg_temp.together(p_org text, p_day date) returns setof text language sql as $$
    select concat_ws(' ', x ->> 'account_no', jsonb_build_object('opening', x -> 'opening', 'in', x -> 'in', 'out', x -> 'out', 'closing', x -> 'closing'), coalesce(x ->> 'statement', '-'), x ->> 'complete',
                     x ->> 'agrees', coalesce(nullif(x ->> 'states', ''), '[]'))
      from khop.day_accounts(t.token(p_org), '2026-12-31', p_day, 200) d cross join lateral jsonb_array_elements(d.doc::jsonb -> 'accounts') x order by 1 $$;
select set_eq($$ select x from generate_series('2026-11-18'::date, '2026-11-26', '1 day') d, pg_temp.together('A', d::date) x $$,
    $$ select x from generate_series('2026-11-18'::date, '2026-11-26', '1 day') d, pg_temp.alone('A', d::date) x
        where split_part(x, ' ', 1) in (select z ->> 'account_no' from khop.day_accounts(t.token('A'), '2026-12-31', d::date, 200) y, jsonb_array_elements(y.doc::jsonb -> 'accounts') z) $$,
    'every account as on its own page, day by day');
select is((select (d.doc::jsonb -> 'sums' ->> 'in')::int8 - sum((x ->> 'in')::int8)::int8 from khop.day_accounts(t.token('A'), '2026-12-31', '2026-11-20', 200) d, jsonb_array_elements(d.doc::jsonb -> 'accounts') x group by d.doc),
    0::int8, 'and the sum of all');
select is((select d.doc::jsonb -> 'accounts' -> 0 ->> 'account_no' from khop.day_accounts(t.token('A'), '2026-12-31', '2026-11-20', 200) d), '111', 'the one on which most moved first');
select is((select d.rc from khop.day_accounts('\x00', '2026-12-31', '2026-11-20', 200) d), -6::int2, 'for who may');

-- --- rights ---
select is((select r.rc from khop.reconciliation(t.token('B'), '2026-11-30', 1001, '2026-11-20', null, 0, 10) r), -4::int2, 'nobody sees another organisation''s day');
select is((select r.rc from khop.statement_get(t.token('B'), '2026-11-30', (select min(f.file_id) from khop.statement_file f)) r), -4::int2, 'nor its files');
select is((select count(*) from khop.statement_list(t.token('A'), '2026-11-30', 1001, null, null, 100)), (select count(*) from khop.statement_file f where f.account_id = 1001), 'its own are all there');
select is((select b.rc from khop.statement_begin(0, 1, 1, '2026-11-30', sha256('x')) b), -5::int2, 'no job, no work');
select * from finish();
rollback;
