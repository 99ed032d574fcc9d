-- What comes short: a tiny amount has its own reason; the item closes itself when the rest has come, and asks again when the rest is taken back.
begin;
\ir lib/books.psql
\ir lib/statements.psql
select plan(33);

create function t.reason(p_ext text) returns text language sql as
$$ select concat_ws(' ', x.reason, x.held, x.state) from khop.exception x where x.ext_id = p_ext and x.reason <> 'not_on_statement' $$;
create function t.close(at timestamptz, p_limit int4 default 100, p_bucket int4 default 0, p_after int8 default 0) returns text language sql as
$$ select concat_ws(' ', c.looked, c.closed, case when c.bucket is null then 'end' end) from khop.rest_close(at, p_bucket, p_after, p_limit) c $$;
create function t.history(p_ext text) returns text language sql as $$
    select string_agg(concat_ws(' ', m.action, m.rule, m.actor, m.evidence), ', ' order by m.match_id)
      from khop.exception x join khop.match m on m.bucket = x.bucket and m.exception_id = x.exception_id where x.ext_id = p_ext and x.reason <> 'not_on_statement'
$$;
create function t.correct(at timestamptz, p_ext text) returns text language sql as $$
    select concat_ws(' ', r.rc, r.why)
      from khop.exception_correct(t.token('A'), at, (select x.exception_id from khop.exception x where x.reason = 'not_on_statement' and x.ext_id = p_ext), null,
           substr(sha256(convert_to('c' || p_ext, 'UTF8')), 1, 16)) r
$$;
select t.issue('A', 1001, 'B', n, 200000) from generate_series(1, 12) n \g /dev/null
select t.issue('A', 1001, 'B', 20, null), t.issue('A', 1001, 'B', 21, 999), t.issue('B', 1003, 'B', 30, 1000), t.issue('A', 1001, 'P', 40, 5000) \g /dev/null

-- --- the reason ---
select is(t.outcomes('2026-11-20 09:00+07', '[{"ext":"t1","amount":200,"codes":[["B",1]]},{"ext":"t2","amount":201,"codes":[["B",2]]},{"ext":"t3","amount":1,"codes":[["B",3]]},
    {"ext":"t4","amount":1,"codes":[["B",20]]},{"ext":"t5","amount":1,"codes":[["B",21]]},{"ext":"t6","amount":200001,"codes":[["B",4]]}]'), '2 2 2 1 2 3', 'outcomes are what they were');
select is(t.reason('t1'), 'tiny_amount 0 open', '200 of 200,000: a thousandth');
select is(t.reason('t2'), 'short 0 open', '201 are more than that');
select is(t.reason('t3'), 'tiny_amount 0 open', 'one đồng');
select is(t.reason('t4'), null, 'of an open amount nothing is too little');
select is(t.reason('t5'), 'short 0 open', 'a thousandth of 999 is nothing');
select is(t.reason('t6'), 'over 0 open', 'too much is too much');
select is(t.outcomes('2026-11-20 09:01+07', '[{"ext":"t7","amount":199799,"codes":[["B",2]]},{"ext":"t8","amount":200,"codes":[["B",1]]}]'), '1 2', 'the second one is measured by the due, too');
select is(t.reason('t8'), 'tiny_amount 0 open', 'not by the rest');
select is((select concat_ws(' ', d.paid, d.receipts) from khop.charge_due d where d.code_no = t.code('B', 1)), '400 2', 'the money is booked and receipted as before');
select is(t.outcomes('2026-11-20 09:02+07', '[{"ext":"t9","amount":5,"dir":2,"codes":[["P",40]]},{"ext":"t10","amount":4995,"dir":2,"codes":[["P",40]]}]'), '2 1', 'a payout in two');
select is(t.broken(), null, 'the books are right');

-- --- the rest comes ---
select is(t.close('2026-11-20 09:10+07'), '6 2 end', 'of six that are open two have the rest');
select is(t.reason('t2') || ', ' || t.reason('t9'), 'short 0 self_resolved, tiny_amount 0 self_resolved', 'they close themselves');
select is(t.history('t2'), format('rest_paid rest_paid {"due": 200000, "seq": %s, "paid": 200000}', (select t.seq from khop.transfer t where t.ext_id = 't7')), 'and the history says by what');
select is(t.reason('t1') || ', ' || t.reason('t5'), 'tiny_amount 0 open, short 0 open', 'the others wait');
select is(t.close('2026-11-20 09:11+07'), '4 0 end', 'once');
select is((select count(*) from khop.match)::int, 2, 'with one decision each');
select is((select e.may_undo from khop.exception x, khop.exception_show(t.token('A'), '2026-11-20 09:12+07', x.exception_id) e where x.ext_id = 't2'), false, 'nothing about it can be undone');
select is((select e.history::jsonb -> 0 ->> 'action' from khop.exception x, khop.exception_show(t.token('A'), '2026-11-20 09:12+07', x.exception_id) e where x.ext_id = 't2'), 'rest_paid', 'the page shows why');

-- bounded, one organisation at a time, round and round
select t.outcomes('2026-11-20 10:00+07', '[{"ext":"u1","amount":199600,"codes":[["B",1]]},{"ext":"v1","account":1003,"amount":400,"codes":[["B",30]]},
    {"ext":"v2","account":1003,"amount":600,"codes":[["B",30]]},{"ext":"u5","amount":998,"codes":[["B",21]]}]') \g /dev/null
select is(t.close('2026-11-20 10:01+07', 1), '1 1', 'no more than asked for');
select is(t.close('2026-11-20 10:01+07', 100, 1, 0), '0 0 end', 'nothing is behind');
select is(t.close('2026-11-20 10:02+07'), '3 2', 'it stops at money of another organisation');
select is(t.close('2026-11-20 10:03+07'), '2 1 end', 'and goes on with that');
select is((select count(*) from khop.exception x where x.state = 'open' and x.reason in ('short', 'tiny_amount'))::int, 1, 'one is left');
select is(t.broken(), null, 'the books are right');

-- --- the rest is taken back ---
select is(t.file(1001, '2026-11-21 10:00+07', '[["2026-11-20",201,null,"memo 2"],["2026-11-20",9,null,"other"]]', p_from => '2026-11-20', p_to => '2026-11-20') is not null, true, 'a statement');
select isnt((select x.exception_id from khop.exception x where x.reason = 'not_on_statement' and x.ext_id = 't7'), null, 'does not have the rest');
select is(t.correct('2026-11-21 10:05+07', 't7'), '0', 'it is reversed');
select is(t.reason('t2'), 'short 0 open', 'what came short asks again');
select is(t.close('2026-11-21 10:06+07'), '2 0 end', 'and stays');
select t.outcomes('2026-11-21 11:00+07', '[{"ext":"w2","amount":199799,"codes":[["B",2]]}]') \g /dev/null
select is(t.close('2026-11-21 11:01+07') || ' ' || t.reason('t2'), '2 1 end short 0 self_resolved', 'until the rest comes again');
select is(t.broken(), null, 'the books are right');
select * from finish();
rollback;
