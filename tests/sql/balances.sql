-- The running balance of notices: gaps are found in whatever order notices come, wait a little, are told of once, and close themselves.
begin;
\ir lib/books.psql
\ir lib/statements.psql
select plan(29);

create function t.check(at timestamptz, wait int4 default 900) returns text language sql as
$$ select concat_ws(' ', c.opened, c.closed, c.more) from khop.balance_check(at, wait, 1000) c $$;
create function t.gaps() returns text language sql as $$
    select string_agg(concat_ws(' ', x.amount, x.direction, x.state, g.before_balance, g.after_balance), ', ' order by x.exception_id)
      from khop.exception x join khop.balance_gap g on g.exception_id = x.exception_id
$$;
-- Movements of one walk: n from 1 on, with their balances; those of p_numbers, in that order, as notices.
create function t.walk(p_account int8, p_numbers int4[], p_ext text default 'w') returns jsonb language sql as $$
    select jsonb_agg(jsonb_build_object('ext', p_ext || n, 'account', p_account, 'amount', (n % 3 + 1) * 100, 'dir', case when n % 4 = 0 then 2 else 1 end, 'balance', b.balance,
               'paid_at', timestamptz '2026-11-20 08:00+07' + n * interval '1 minute') order by o)
      from unnest(p_numbers) with ordinality u (n, o)
     cross join lateral (select 10000 + sum((m % 3 + 1) * 100 * case when m % 4 = 0 then -1 else 1 end) as balance from generate_series(1, n) m) b
$$;

select is(t.check('2026-11-20 09:00+07'), '0 0 f', 'nothing came yet');
select t.outcomes('2026-11-20 09:00+07', t.walk(1001, '{1,2,3}')) \g /dev/null
select is(t.check('2026-11-20 09:01+07') || ' ' || coalesce(t.gaps(), 'none'), '0 0 f none', 'where the account begins to be known is no gap');
select t.outcomes('2026-11-20 09:02+07', t.walk(1001, '{5,6}')) \g /dev/null
select is(t.check('2026-11-20 09:03+07'), '0 0 f', 'a break is not told of at once');
select is((select f.name || ' ' || f.hard from khop.close_faults(0, 100, '2026-11-01', '2026-11-20', '2026-11-20 09:04+07') f where f.name = 'notice_gap'), 'notice_gap false',
    'but stands in the way of closing the day');
select is(t.check('2026-11-20 09:18+07') || ', ' || t.gaps(), '1 0 f, 200 2 open 10600 10400', 'when it stays it is, with both ends');
select is(t.check('2026-11-20 09:30+07') || ', ' || t.gaps(), '0 0 f, 200 2 open 10600 10400', 'once');
select is((select concat_ws(' ', a -> 'notice_before' ->> 'balance', a -> 'notice_after' ->> 'opening', a ->> 'what') from khop.exception_about(0, 100,
    (select max(g.exception_id) from khop.balance_gap g)) a), '10600 10400', 'the page has both events');
select is((select concat_ws(' ', g ->> 'source', g ->> 'amount', g ->> 'direction', g ->> 'after', g ->> 'before') from khop.reconciliation(t.token('A'), '2026-12-31', 1001, '2026-11-20', null, 0, 10) d,
    jsonb_array_elements(d.doc::jsonb -> 'gaps') g), 'notice 200 out 10600 10400', 'and so has the day');
select t.outcomes('2026-11-20 09:40+07', t.walk(1001, '{4}')) \g /dev/null
select is(t.check('2026-11-20 09:41+07') || ', ' || t.gaps(), '0 1 f, 200 2 self_resolved 10600 10400', 'the missing notice comes late: it closes itself');
select is((select string_agg(f.name, ' ') from khop.close_faults(0, 100, '2026-11-01', '2026-11-20', '2026-11-20 09:42+07') f where f.name = 'notice_gap'), null, 'nothing is in the way');

-- out of order, within the wait
select t.outcomes('2026-11-20 10:00+07', t.walk(1001, '{9}')) \g /dev/null
select is(t.check('2026-11-20 10:01+07'), '0 0 f', 'one that overtakes two others');
select t.outcomes('2026-11-20 10:05+07', t.walk(1001, '{8,7}')) \g /dev/null
select t.check('2026-11-20 10:30+07') \g /dev/null
select is((select count(*) from khop.balance_mark m where m.account_id = 1001)::int4 || coalesce((select 'x' from khop.exception x where x.reason = 'balance_gap' and x.state = 'open'), ''), '2', 'is no gap when they come: first and last balance are left');

-- two that are missing are one gap, then another one
select t.outcomes('2026-11-20 11:00+07', t.walk(1001, '{12}')) \g /dev/null
select is(t.check('2026-11-20 11:00+07', 0), '1 0 f', 'two are missing');
select t.outcomes('2026-11-20 11:01+07', t.walk(1001, '{10}')) \g /dev/null
select is(t.check('2026-11-20 11:01+07', 0), '1 1 f', 'one comes: what is left is told anew');
select t.outcomes('2026-11-20 11:02+07', t.walk(1001, '{11}')) \g /dev/null
select is(t.check('2026-11-20 11:02+07', 0), '0 1 f', 'the other comes');

-- one too many
select t.outcomes('2026-11-20 12:00+07', '[{"ext":"twice","amount":100,"account":1001,"dir":2,"balance":11200,"paid_at":"2026-11-20 08:12+07"}]') \g /dev/null
select t.check('2026-11-20 12:01+07', 0) \g /dev/null
select is((select x.amount || ' ' || x.direction from khop.exception x where x.reason = 'balance_gap' order by x.exception_id desc limit 1), '100 1',
    'a notice too many is a break too');
select is(khop.book_lock(0, 100)::text || (select b.rc from khop.book(0, 100, '2026-11-20 12:02+07', null, 'correct', 'person', 1::int2, null, 7, null, 'x', '{}', array[7::int2], array[null::int4], array[100::int8],
    array[(select t.seq from khop.transfer t where t.ext_id = 'twice')], array[null::int4], array[null::int8], array[null::int4], array[null::bytea]) b), '0', 'it is reversed');
select is(t.check('2026-11-20 12:03+07', 0), '0 1 f', 'and the break is gone');
select is(t.broken(), null, 'the marks are what the journal says');

-- a dismissed one stays dismissed
select t.outcomes('2026-11-20 13:00+07', t.walk(1001, '{14}')) \g /dev/null
select is(t.check('2026-11-20 13:00+07', 0), '1 0 f', 'a gap');
select r.rc from khop.exception_resolve(t.token('A'), '2026-11-20 13:01+07', (select max(g.exception_id) from khop.balance_gap g), 'dismiss', null, null, null, null, null, null, 'biết rồi', 1, null, null, null, null) r \g /dev/null
select t.check('2026-11-20 14:00+07', 0) \g /dev/null
select is((select count(*) from khop.balance_gap) || coalesce((select f.name from khop.close_faults(0, 100, '2026-11-01', '2026-11-20', '2026-11-20 14:00+07') f
    where f.name = 'notice_gap'), ''), '5', 'dismissed: it is not told again, nor in the way');

-- the line of a statement closes it: with balances, and without
select t.outcomes('2026-11-20 15:00+07', t.walk(1002, '{1,2,4}', 'x')) \g /dev/null
select is(t.check('2026-11-20 15:00+07', 0), '1 0 f', 'the third is missing');
select is(t.file(1002, '2026-11-21 09:00+07', '[["2026-11-20",200,10200,"a"],["2026-11-20",300,10500,"b"],["2026-11-20",100,10600,"c"],["2026-11-20",-200,10400,"d"]]'),
    '4/4 linked 3 healed 1 gaps 0 absent 0 conflicts 0', 'a statement has it');
select is(t.check('2026-11-21 09:01+07', 0), '0 1 f', 'the gap closes itself');
select t.outcomes('2026-11-21 10:00+07', t.walk(1003, '{1,2,4}', 'y')) \g /dev/null
select is(t.check('2026-11-21 10:00+07', 0), '1 0 f', 'the same of an account whose statements have no balances');
select is(t.file(1003, '2026-11-21 10:05+07', '[["2026-11-20",200,null,"memo 1"],["2026-11-20",300,null,"memo 2"],["2026-11-20",100,null,"other"],["2026-11-20",-200,null,"memo 3"]]') || ' ' || t.check('2026-11-21 10:06+07', 0),
    '4/4 linked 3 healed 1 gaps 0 absent 0 conflicts 0 0 1 f', 'the file has what was between');
select is(t.broken(), null, 'the books are right');

-- any order, any cuts, doubled: the same marks
create function t.marks(p_account int8) returns text language sql as $$
    select string_agg(m.balance || ' ' || m.net, ', ' order by m.balance) from khop.balance_mark m where m.account_id = p_account and m.net <> 0
$$;
do $$
declare v_order int4[]; v_at int4 := 1; v_n int4; v_account int8 := (select a.account_id from khop.account a where a.account_no = '114');
begin
    select array_agg(n order by hashint4(n * 31)) into v_order from (select generate_series(1, 60) as n union all select generate_series(1, 60, 7)) x where n not in (20, 21, 41);
    while v_at <= cardinality(v_order) loop
        v_n := abs(hashint4(v_at)) % 9;
        perform t.outcomes('2026-11-22 08:00+07'::timestamptz + v_at * interval '1 second', t.walk(v_account, v_order[v_at : v_at + v_n], 'p'), 1);
        if v_n % 2 = 0 then
            perform khop.balance_check('2026-11-22 08:00+07'::timestamptz + v_at * interval '1 second', 900, 3);
        end if;
        v_at := v_at + v_n + 1;
    end loop;
    for i in 1 .. 40 loop
        perform khop.balance_check('2026-11-22 09:00+07', 100000, 3);
    end loop;
end $$;
select is(t.marks((select a.account_id from khop.account a where a.account_no = '114')),
    (select string_agg(x.balance || ' ' || x.net, ', ' order by x.balance)
       from (select x.balance, sum(x.net) as net
               from jsonb_array_elements(t.walk(1, (select array_agg(n) from generate_series(1, 60) n where n not in (20, 21, 41)))) w (w)
              cross join lateral (values ((w ->> 'balance')::int8, 1), ((w ->> 'balance')::int8 - (w ->> 'amount')::int8 * case (w ->> 'dir')::int4 when 1 then 1 else -1 end, -1)) x (balance, net)
              group by x.balance having sum(x.net) <> 0) x), 'any order, any cuts, repeats: the same marks');
select is((select string_agg(x.n || '', ' ') from (select count(*) as n from khop.exception x where x.reason = 'balance_gap' and x.account_id = (select a.account_id from khop.account a where a.account_no = '114')) x), '0', 'none was told of yet');
select * from finish();
rollback;
